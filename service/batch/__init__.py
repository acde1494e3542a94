"""`tercet score`: everyone, to files."""
