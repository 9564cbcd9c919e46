"""What a command runs on: processes and signals, memory, packages, the terminal."""
