"""Metrics of the words."""
