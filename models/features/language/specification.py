"""Feature specification: one declaration that training, online, batch and Spark all evaluate."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal

from models.btyd.bg_nbd import BgNbd
from models.btyd.gamma_gamma import GammaGamma
from models.errors import FeatureError
from models.features.language.expected_purchases import Expected
from models.features.language.expressions import (
    Aggregate,
    Constant,
    DaysSince,
    Difference,
    Expression,
    Profile,
    Ratio,
    Selection,
    Where,
    YearsSince,
)

LANGUAGE = 1
"""Raised when the meaning of an expression changes, so that no model is served with numbers it was not trained on."""
UNKNOWN_LANGUAGE = "a feature is declared in a way that this version does not know"

Kind = Literal["number", "category"]
NODES = {
    n.__name__: n
    for n in (
        Aggregate,
        Ratio,
        Difference,
        Constant,
        Profile,
        DaysSince,
        YearsSince,
        Selection,
        Where,
        Expected,
        BgNbd,
        GammaGamma,
    )
}


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature.

    name: as answers and rules call it. label: for people. unit: "days", "purchases", "currency" (its major unit), …
    group: under which people find it ("recency", "frequency", "value", …).
    missing: in words, when the value is missing; never filled in.
    monotone: by kind of score ("churn", "clv", "upsell"), +1 or -1 where more can only raise or lower it.
    kind: "category" for text.
    """

    name: str
    label: str
    unit: str
    group: str
    value: Expression
    missing: str
    monotone: Mapping[str, int] = field(default_factory=dict)
    kind: Kind = "number"


def document_of(feature: Feature) -> dict[str, Any]:
    """The declaration as JSON; `feature_of` reads it back."""
    return {
        "name": feature.name,
        "label": feature.label,
        "unit": feature.unit,
        "group": feature.group,
        "value": _plain(feature.value),
        "missing": feature.missing,
        "monotone": dict(feature.monotone),
        "kind": feature.kind,
        "language": LANGUAGE,
    }


def feature_of(document: Mapping[str, Any]) -> Feature:
    """The feature of a document; FeatureError if its language version is not supported."""
    try:
        parts = dict(document)
        language = parts.pop("language")
        feature = Feature(**parts | {"value": _expression(parts["value"])})
    except (KeyError, TypeError, ValueError) as error:
        raise FeatureError(UNKNOWN_LANGUAGE, fix="train again") from error
    if language != LANGUAGE or not isinstance(feature.value, Expression):
        raise FeatureError(UNKNOWN_LANGUAGE, fix="train again")
    return feature


def declaration_hash(feature: Feature) -> str:
    """16 hex digits of the SHA-256 of what the feature's numbers depend on; the words for people may change."""
    document = document_of(feature)
    return _digest({part: document[part] for part in ("name", "value", "kind", "language")})


def is_fitted(feature: Feature) -> bool:
    """Whether its declaration holds numbers fitted to a business, so that trainings differ in it."""
    return isinstance(feature.value, Expected)


def specification_hash(features: Iterable[Feature]) -> str:
    """16 hex digits of the SHA-256 of whole declarations, words and signs included, in their order."""
    return _digest([document_of(feature) for feature in features])


def lightgbm_name(name: str) -> str:
    """The name as LightGBM's text format can hold it: ASCII letters, digits, underscores; unique for unique names."""
    clean = re.sub(r"[^A-Za-z0-9_]+", "_", name)
    return name if clean == name else f"{clean}_{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def _digest(document: object) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _plain(node: object) -> Any:
    if is_dataclass(node):
        return {"is": type(node).__name__} | {f.name: _plain(getattr(node, f.name)) for f in fields(node)}
    return node


def _expression(document: Any) -> Any:
    if not isinstance(document, Mapping):
        return document
    return NODES[document["is"]](**{name: _expression(part) for name, part in document.items() if name != "is"})
