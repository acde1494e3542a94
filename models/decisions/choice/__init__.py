"""Which candidate is taken: arbitration, lots, and the runner-up."""
