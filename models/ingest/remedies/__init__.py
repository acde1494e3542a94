"""Finds what mends the values that cannot be read: each way is tried on the whole column before it is named."""
