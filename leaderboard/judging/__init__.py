"""What the project makes of an archive: scores, flags, a badge."""
