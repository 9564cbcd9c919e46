"""The steps from one layout of the database to the next, applied by Alembic (`leaderboard.server.database`)."""
