"""The leaderboard as a service: uploads in, a worker that re-scores, live pages out. Needs the extra ``server``."""
