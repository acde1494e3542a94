"""Customers' current states in the store."""
