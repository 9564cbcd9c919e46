"""Metrics: one file each, behind one protocol."""
