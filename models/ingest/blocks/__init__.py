"""Staging by blocks of customers, to files that workers read."""
