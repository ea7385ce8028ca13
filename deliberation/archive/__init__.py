"""A workshop goes out whole, as one file, and comes back as it was."""
