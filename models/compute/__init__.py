"""What the machine gives: cores, and the minimum of a smooth function."""
