"""Contacts that the store and the base know of."""
