"""Mapping of a source's columns to the columns of the contract."""
