"""Metrics of whether an answer is one to this speaker."""
