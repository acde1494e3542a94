"""`tercet score --engine spark`: the same blocks, grouped and scored by Spark."""
