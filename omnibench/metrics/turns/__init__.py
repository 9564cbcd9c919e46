"""Metrics of who speaks when."""
