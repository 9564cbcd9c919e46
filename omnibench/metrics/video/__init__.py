"""Metrics of the pictures."""
