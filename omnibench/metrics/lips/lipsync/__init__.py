"""From pictures and sound to lip-sync distances: faces, scenes, tracks, crops, and the two ways through them."""
