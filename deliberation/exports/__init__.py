"""Results and answers as files that other programs read."""
