"""What metrics and reports share: turns from words, speech from sound, lips from coefficients, words from speech."""
