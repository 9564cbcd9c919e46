"""Makes ``events``: situations of a few seconds with a known right answer, from lines and a seed."""
