"""Columns of batch files, and CSV cells."""
