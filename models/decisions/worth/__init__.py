"""The expected value of an action for a customer, in money."""
