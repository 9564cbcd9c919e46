"""Hours of two-person dialogues to learn from: people's written chat, filtered, and acted by the studio."""
