"""Runs, models and bundles in MLflow."""
