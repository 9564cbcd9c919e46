"""Data sets: readers, checks, statistics."""
