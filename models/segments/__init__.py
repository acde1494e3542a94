"""Segments: customers classified by the rules of `policy.toml`."""
