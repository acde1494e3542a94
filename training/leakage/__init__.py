"""Leakage: signs that a column contains information from after the prediction instant."""
