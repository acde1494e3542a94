"""`tercet monitor`: today's customers compared with the champion's, and its predictions with outcomes."""
