"""`tercet score`: scores everyone, to files."""
