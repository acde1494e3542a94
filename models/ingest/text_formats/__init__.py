"""Text formats of numbers, times and characters, and which format reads the most values."""
