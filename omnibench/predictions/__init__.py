"""A folder of answers, whoever made it: its parts, its times, the data that it belongs to."""
