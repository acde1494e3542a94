"""`tercet decide`: everyone decided for, logged, and a campaign file."""
