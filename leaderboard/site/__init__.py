"""The leaderboard as static pages: rows in, HTML out. Reads scores only; computes no metric and loads no media."""
