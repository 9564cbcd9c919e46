"""An entry of the board: its files as types, written and read."""
