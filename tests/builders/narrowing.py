"""Values narrowed to the type that a test is about: one of another type fails the test that asked for it."""

from typing import TypeVar

import lightgbm as lgb
import numpy as np

from models.rows.history import Category, Floats
from models.score.score_model import ScoreModel
from models.tree_shap.stored_booster import StoredBooster

Present = TypeVar("Present")


def present(value: Present | None) -> Present:
    """What is not None."""
    assert value is not None
    return value


def numbers(column: Floats | Category) -> Floats:
    """A column of numbers."""
    assert not isinstance(column, Category)
    return column


def category(column: Floats | Category) -> Category:
    """A column of words."""
    assert isinstance(column, Category)
    return column


def array(values: object) -> np.ndarray:
    """What LightGBM predicts of rows that are not sparse."""
    assert isinstance(values, np.ndarray)
    return values


def booster_of(model: ScoreModel) -> lgb.Booster:
    """The model's booster as LightGBM has it."""
    booster = present(model.booster)
    if isinstance(booster, StoredBooster):
        return booster.loaded
    assert isinstance(booster, lgb.Booster)
    return booster
