"""Customers as the store knows them now."""
