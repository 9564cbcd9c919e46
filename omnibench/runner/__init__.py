"""Playing a data set to a model and keeping its answers."""
