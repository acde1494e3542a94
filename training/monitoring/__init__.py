"""`tercet monitor`: the customers of today beside those that the champion learnt from, and what came of its scores."""
