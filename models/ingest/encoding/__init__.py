"""Staged rows as the arrays of a history, in their order."""
