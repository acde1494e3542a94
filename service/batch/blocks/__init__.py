"""A block of customers, scored, with the facts that a run sums up."""
