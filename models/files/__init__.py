"""Atomic files and the store's URL."""
