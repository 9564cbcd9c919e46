"""Networks and lexica that metrics and models need: which, where they lie, how to get them."""
