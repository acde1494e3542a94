"""Evaluation of features on a history: plan, column layout, feature matrix."""
