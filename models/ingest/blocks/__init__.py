"""Everyone by blocks of customers, staged to files that workers read."""
