"""Metrics: one declaration each, in its family's room with all that it needs."""
