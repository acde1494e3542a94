"""Signs that a column knows what it cannot know."""
