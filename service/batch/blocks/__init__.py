"""Blocks of customers: scoring one block, and the facts that a run sums up."""
