"""`tercet decide`: decides for everyone, logs the decisions and writes a campaign file."""
