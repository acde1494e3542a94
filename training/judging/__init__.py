"""Evaluation of a score: figures, baselines, comparison with the champion, and the grade."""
