"""Whole files, written at once or not at all, and the store's URL."""
