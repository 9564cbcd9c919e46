"""The commands, one file each; heavy imports stay inside the functions."""
