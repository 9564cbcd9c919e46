"""OmniResponse in a dialogue, frame by frame."""
