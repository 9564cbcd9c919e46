"""Models behind the online-step interface, one folder each."""
