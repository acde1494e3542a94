"""`tercet score --engine spark`: the same blocks, brought together and scored by Spark."""
