"""What an action is worth for a customer, in money."""
