"""BG/NBD and Gamma-Gamma as a named baseline: what the field would otherwise use where customers leave unseen.

Probabilities and amounts as the models give them, over the whole horizon, without any level or calibration of ours.
"""

import numpy as np

from models.features.evaluation.feature_frame import value_of
from models.rows.history import Floats
from training.judging.baselines import BUY_TILL_YOU_DIE, NamedBaseline
from training.windows.labelled_rows import Dataset
from training.windows.standpoint import Standpoint, expectation


def rhythm_baselines(standpoint: Standpoint) -> tuple[NamedBaseline, ...]:
    """The baseline of a standpoint with a rhythm that says something of its target; else none."""
    rhythm, population = standpoint.rhythm, standpoint.population
    feature = expectation(standpoint.target, rhythm, standpoint.horizon_days) if rhythm is not None else None
    if feature is None:
        return ()

    def predict(rows: Dataset) -> Floats:
        predicted = np.empty(len(rows))
        for at in np.unique(rows.at).tolist():
            chosen = rows.at == at
            predicted[chosen] = value_of(population.view(at), feature.value)[rows.customers[chosen]]
        return predicted

    return (NamedBaseline(BUY_TILL_YOU_DIE[standpoint.target.kind], lambda _: predict),)
