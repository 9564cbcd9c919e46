"""Alembic's entry: runs the steps on the connection of `leaderboard.server.database`, in its transaction."""

from __future__ import annotations

from alembic import context

from leaderboard.server.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
