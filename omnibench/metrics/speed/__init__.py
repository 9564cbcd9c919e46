"""Metrics of how fast answers come."""
