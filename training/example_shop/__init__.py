"""A simulated shop with known truth: its customers, what they do, and the tables that would show it."""
