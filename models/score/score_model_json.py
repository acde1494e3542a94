"""Score model as JSON and back, without its booster, which is LightGBM's own text. No pickle."""

from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from typing import Any

import numpy as np

from models.errors import BundleError, FeatureError
from models.features.language.specification import Feature, document_of, feature_of
from models.score.baseline_model import BaselineModel
from models.score.champion_comparison import ChampionComparison
from models.score.intervals import IntervalTable
from models.score.population_profile import NumberBins, PopulationProfile, Spread, WordBins
from models.score.reference_quantiles import ReferenceQuantiles
from models.score.rhythm_blend import RhythmBlend
from models.score.score_calibration import Calibration
from models.score.score_model import ScoreModel
from models.tree_shap.stored_booster import Booster

KEYS = {"blend": "voice"}
"""The keys of fields that have another name in bundles."""


def to_json(model: ScoreModel) -> dict[str, Any]:
    """Plain values only; a figure that does not exist (NaN) becomes null."""
    return {
        KEYS.get(field.name, field.name): plain(getattr(model, field.name))
        for field in fields(model)
        if field.name != "booster"
    }


def plain(value: Any) -> Any:
    """A value of JSON: text, number, boolean, null, list or object."""
    if isinstance(value, Feature):
        return document_of(value)
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value


def from_json(document: dict[str, Any], booster: Booster | None, where: str) -> ScoreModel:
    """The model of a `score.json`. BundleError if a field is missing, unknown or of another shape."""
    try:
        baseline, interval, blend = document["baseline"], document["interval"], document["voice"]
        beside = document["beside_champion"]
        return ScoreModel(
            **{
                **{key: value for key, value in document.items() if key != "voice"},
                "declarations": tuple(feature_of(declared) for declared in document["declarations"]),
                "vocabularies": {name: tuple(words) for name, words in document["vocabularies"].items()},
                "calibration": Calibration(**document["calibration"]),
                "reference": quantiles(document["reference"]),
                "baseline": BaselineModel(**tuples(baseline)) if baseline else None,
                "interval": IntervalTable(**tuples(interval)) if interval else None,
                "blend": RhythmBlend(**blend) if blend else None,
                "beside_champion": ChampionComparison(**beside) if beside else None,
                "feature_reference": {name: quantiles(q) for name, q in document["feature_reference"].items()},
                "metrics": figures(document["metrics"]),
                "baselines": {name: figures(measured) for name, measured in document["baselines"].items()},
                "findings": tuple(document["findings"]),
                "profile": profile(document["profile"]) if document.get("profile") else None,
                "booster": booster,
            }
        )
    except (KeyError, TypeError, AttributeError, FeatureError) as error:
        raise BundleError(
            f"the score's description does not fit this version of Tercet ({error})", where=where
        ) from error


def quantiles(document: dict[str, Any]) -> ReferenceQuantiles:
    """Back from JSON."""
    return ReferenceQuantiles(tuple(document["values"]))


def profile(document: dict[str, Any]) -> PopulationProfile:
    """Back from JSON."""
    features = {name: spread(shares) for name, shares in document["features"].items()}
    return PopulationProfile(**document | {"scores": spread(document["scores"]), "features": features})


def spread(document: dict[str, Any]) -> Spread:
    """Back from JSON: only a number's bins have edges."""
    bins = tuples(document["bins"])
    return Spread(NumberBins(**bins) if "edges" in bins else WordBins(**bins), tuple(document["shares"]))


def tuples(document: dict[str, Any]) -> dict[str, Any]:
    """JSON's lists as the tuples that frozen dataclasses hold."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in document.items()}


def figures(document: dict[str, float | None]) -> dict[str, float]:
    """Named figures; null is NaN."""
    return {name: float("nan") if value is None else value for name, value in document.items()}
