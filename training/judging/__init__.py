"""How good a score is: figures, baselines, the champion beside it, and the grade."""
