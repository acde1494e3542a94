"""Fitting, calibrating and levelling one score from a training table."""
