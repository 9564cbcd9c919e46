"""Files on disk: written whole or not at all, locked between processes, read back as typed records."""
