"""Session templates: workshops as files that can be kept, compared and loaded."""
