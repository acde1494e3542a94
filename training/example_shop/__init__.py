"""Example shop: a simulated shop with known truth, and the tables that it would record."""
