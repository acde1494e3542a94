"""How numbers, times and characters are written in text, and which way reads the most values."""
