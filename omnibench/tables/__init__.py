"""Tables of scores, the paper's beside ours. Reads scores alone, and never imports torch."""
