"""Discrete speech codecs behind one interface."""
