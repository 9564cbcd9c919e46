"""Metrics of lips and voice together."""
