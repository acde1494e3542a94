"""Rejected rows and values, with reasons and remedies."""
