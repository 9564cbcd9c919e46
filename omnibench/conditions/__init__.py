"""Conditions: what goes wrong on the way from the speaker to a listener, applied by seed while a dialogue is played."""
