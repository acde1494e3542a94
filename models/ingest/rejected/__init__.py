"""Rows and values that were not taken, with their reasons and the fix."""
