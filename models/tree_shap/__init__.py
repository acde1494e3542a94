"""Exact path-dependent TreeSHAP from tables: a booster's margins and their reasons at the price of a prediction."""

from models.tree_shap.tree_shap import TreeShap

__all__ = ["TreeShap"]
