"""Metrics of how the voice sounds."""
