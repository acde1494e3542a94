"""`tercet policy`: check of a policy, and comparison with another."""
