"""The leaderboard: schema, validation, submissions, site, server."""
