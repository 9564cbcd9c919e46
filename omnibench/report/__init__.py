"""Pictures and pages of answers, for people. Reads predictions and scores; computes no metric."""
