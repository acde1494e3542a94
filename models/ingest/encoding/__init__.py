"""Encoding of staged rows as the arrays of a history."""
