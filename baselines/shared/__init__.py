"""What several models use: audio codec, sampling, schedules, checkpoints, configuration, training."""
