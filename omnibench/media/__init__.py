"""Audio, video and faces, in and out."""
