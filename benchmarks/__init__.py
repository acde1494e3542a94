"""Measurements that print a table: never part of the product, never timed asserts."""
