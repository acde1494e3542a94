"""Tuning losses: a recipe's prediction errors on held-out rows, and whether one recipe is better than another.

Log loss for probabilities. For amounts the Tweedie deviance at the power that CLV is grown with by default, whatever
power a recipe is grown with, so that recipes are held to one measure: unlike the Gini it sees amounts as well as their
order, it is a sum over customers, and one giant does not decide it. Each recipe's level is set on the very rows that
it is judged on: in a model the level comes from the snapshot of a year before, not from the trees, and a recipe is not
to win by leaning the way the season did.
"""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from models.compute.cores import cores
from models.compute.minimisation import rounded
from models.features.language.specification import Feature, specification_hash
from models.rows.history import Floats
from models.score.score_calibration import fit_level
from training.judging.bootstrap import Figure
from training.learning.boosting import Grower, raw_margins
from training.learning.recipes import Recipe
from training.learning.row_losses import losses, standard_error
from training.windows.labelled_rows import Dataset

LOSS_DIGITS = 9
"""Significant digits by which trials are compared."""
LOSS_NAMES = {"logistic": "log loss", "exp": "Tweedie deviance"}


@dataclass(frozen=True)
class Validation:
    """Training rows, and later test rows (labels: of other customers).

    people: whose each row of `test` is (ids), for pairing a customer's rows over all validations.
    """

    data: Dataset
    test: Dataset
    features: tuple[Feature, ...]
    people: np.ndarray[tuple[int], np.dtype[np.object_]]

    def digest(self) -> str:
        """SHA-256 of all that a trial depends on, in hexadecimal."""
        told = (self.data.names, sorted(self.data.vocabularies.items()), specification_hash(self.features))
        found = hashlib.sha256(repr(told).encode())
        for table in (self.data, self.test):
            for values in (table.X, table.y):
                found.update(np.ascontiguousarray(values).data)
        return found.hexdigest()


def row_losses(recipe: Recipe, validations: Sequence[Validation]) -> list[Floats]:
    """The loss of each test row of each validation; the validations are grown side by side."""

    def of(validation: Validation) -> Floats:
        booster = Grower(validation.data, recipe, validation.features).grow()
        margins, y = raw_margins(booster, validation.test.X), validation.test.y
        return losses(recipe.link, margins + fit_level(recipe.link, margins, y), y)

    with ThreadPoolExecutor(max_workers=min(len(validations), cores())) as pool:
        return list(pool.map(of, validations))


def mean_loss(found: Sequence[Floats]) -> float:
    """The mean over validations of the mean over rows, to as many digits as every machine agrees on."""
    return rounded(float(np.mean([values.mean() for values in found])), LOSS_DIGITS)


def gain_of(before: Sequence[Floats], after: Sequence[Floats], validations: Sequence[Validation], tries: int) -> Figure:
    """How much lower the mean loss is `after`, with a 95 % interval for the best of so many tries.

    Paired row by row; a customer's rows of all validations count as one observation. The best of many is lower by luck
    as well: the interval is widened as if every try had been a test of its own (Bonferroni).
    """
    gaps = [old - new for old, new in zip(before, after, strict=True)]
    gain = float(np.mean([gap.mean() for gap in gaps]))
    _, owner = np.unique(np.concatenate([one.people for one in validations]), return_inverse=True)
    owners = np.split(owner, np.cumsum([len(gap) for gap in gaps])[:-1])
    error = standard_error(gaps, owners)
    margin = float(norm.ppf(1 - 0.025 / max(tries, 1))) * error
    return Figure(gain, gain - margin, gain + margin)
