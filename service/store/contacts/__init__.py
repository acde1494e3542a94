"""Contacts in the store and in the workspace's tables."""
