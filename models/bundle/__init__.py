"""Bundles, the folders that serving loads: contents, verification, and the champion pointer."""
