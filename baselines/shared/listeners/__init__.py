"""What the small listeners share: settings, sessions, training; a model of theirs adds its network and losses."""
