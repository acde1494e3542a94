"""Overall reasons: the mean size of each feature's contribution over a sample of customers."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import spearmanr

from models.features.language.specification import Feature
from models.rows.history import Floats
from models.score.score_model import ScoreModel
from models.scored.reasons import by_group
from models.scored.score_units import in_score_units
from training.judging.sensitive_groups import FEWEST

SHOWN = 12
CLEAR = 0.4
"""The rank correlation of value and contribution from which on a direction is shown."""


@dataclass(frozen=True, slots=True)
class OverallReason:
    """A feature: `size`, by how much it moves the score of a customer on average, in the score's own unit, and which
    values raise or lower it, in words.
    """

    name: str
    label: str
    group: str
    size: float
    direction: str


@dataclass(frozen=True, slots=True)
class OverallReasons:
    """The strongest features, how many others there are and the size of the largest of them, and the groups' sizes."""

    features: tuple[OverallReason, ...]
    others: int
    others_at_most: float
    groups: tuple[tuple[str, float], ...]
    customers: int


def overall_reasons(model: ScoreModel, sample: Floats, contributions: Floats) -> OverallReasons:
    """What moves the score, strongest first.

    sample: rows of the model's features (at least one); contributions: their SHAP values on the margin, the last
    column the base. A group's size is that of its features' sum, in which they may cancel out.
    """
    parts = in_score_units(
        model.link, model.calibration, model.base_margin, model.margins(sample), contributions[:, :-1]
    )
    sizes = np.abs(parts).mean(axis=0)
    order = [i for i in np.argsort(-sizes, kind="stable").tolist() if sizes[i] > 0]
    names, sums = by_group(model, parts)
    groups = sorted(zip(names, np.abs(sums).mean(axis=0).tolist(), strict=True), key=lambda group: -group[1])
    declared = model.declarations
    return OverallReasons(
        features=tuple(
            OverallReason(
                declared[i].name,
                declared[i].label,
                declared[i].group,
                float(sizes[i]),
                _direction(model, declared[i], sample[:, i], parts[:, i]),
            )
            for i in order[:SHOWN]
        ),
        others=len(order[SHOWN:]),
        others_at_most=float(sizes[order[SHOWN]]) if len(order) > SHOWN else 0.0,
        groups=tuple((name, size) for name, size in groups if size > 0),
        customers=len(sample),
    )


def _direction(model: ScoreModel, feature: Feature, values: Floats, parts: Floats) -> str:
    if feature.kind == "category":
        return _of_words(model.vocabularies.get(feature.name, ()), values, parts)
    known = ~np.isnan(values)
    if known.sum() < 3 or min(len(np.unique(part[known])) for part in (values, parts)) == 1:
        return "by whether it is known" if not known.all() else ""
    together = float(spearmanr(values[known], parts[known]).statistic)
    if abs(together) < CLEAR:
        return "up for some values, down for others"
    return "higher raises it" if together > 0 else "higher lowers it"


def _of_words(words: tuple[str, ...], codes: Floats, parts: Floats) -> str:
    """The words that raise it most and lower it most, of those that enough customers have."""
    means = {word: parts[codes == code] for code, word in enumerate(words) if (codes == code).sum() >= FEWEST}
    ordered = sorted(means, key=lambda word: -means[word].mean())
    raises = [f"{ordered[0]} raises it"] if ordered and means[ordered[0]].mean() > 0 else []
    lowers = [f"{ordered[-1]} lowers it"] if ordered and means[ordered[-1]].mean() < 0 else []
    return ", ".join(raises + lowers) or "by the word"
