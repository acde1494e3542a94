"""Groups of customers by sensitive columns, beside each other."""
