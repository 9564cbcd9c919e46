"""Metrics of the face coefficients."""
