"""Columns of batch files, and cells of CSV."""
