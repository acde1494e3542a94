"""What is known of customers and when: the history and its rows, the tables they come from, instants."""
