"""Are the segments any good: how large, worth how much, how alike, how stale, and what became of them."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from models.history import MICROSECONDS_PER_DAY, Booleans, Floats
from models.scored import NEXT_BEST_ACTION
from models.segments.kpis import KPIS, kpis, realised, revenue
from models.segments.migration import migration
from models.segments.rule_check import segment_words
from models.segments.run import AUDIENCES, Run
from models.workspace import Policy

SIZED_BY_POLICY = ("value_tier", NEXT_BEST_ACTION)
"""Their sizes are what the policy's shares, limits and levers say; to warn of them would be to warn of the policy."""


def hygiene_report(
    policy: Policy,
    run: Run,
    *,
    previous: Run | None = None,
    outcomes: Mapping[str, Floats] | None = None,
    looked_at: int | None = None,
) -> dict[str, Any]:
    """What there is to say about a run's segments, ready for JSON.

    segmentations: for each, its segments with size, share of customers and of revenue, KPIs (KPIS has their labels),
        and with `outcomes` ("churned", "value": float64 (n,), NaN unknown) what came beside what was predicted.
    pareto, overlap of audiences, migration since `previous`, staleness at `looked_at` (microseconds; by default the
    run's own instant, with `previous` as the last look), and warnings in words.
    """
    names = {**segment_words(policy), AUDIENCES: tuple(policy.audiences), NEXT_BEST_ACTION: tuple(policy.actions)}
    names = {name: words for name, words in names.items() if name in run.segmentations}
    worth = revenue(run.facts)
    members = {name: run.members(name, words) for name, words in names.items()}
    segmentations = {
        name: [_segment(segment, run, who, worth, outcomes or {}) for segment, who in groups.items()]
        for name, groups in members.items()
    }
    overlaps = overlap(members.get(AUDIENCES, {}))
    stale = staleness(policy, previous.as_of if previous and looked_at is None else run.as_of, looked_at or run.as_of)
    return {
        "customers": len(run),
        "segmentations": segmentations,
        "kpis": {kpi.name: kpi.label for kpi in KPIS},
        "pareto": pareto(worth),
        "overlap": overlaps,
        "migration": migration(previous, run) if previous else None,
        "staleness": stale,
        "warnings": warnings(policy, segmentations, overlaps, stale),
    }


def _segment(
    name: str, run: Run, who: Booleans, worth: Floats | None, outcomes: Mapping[str, Floats]
) -> dict[str, Any]:
    total = float(worth.sum()) if worth is not None else 0.0
    return {
        "segment": name,
        "customers": int(who.sum()),
        "share": float(who.sum()) / len(run) if len(run) else 0.0,
        "revenue_share": float(worth[who].sum()) / total if worth is not None and total else None,
        "kpis": kpis(run.facts, who),
        "realised": realised(run.facts, outcomes, who),
    }


def pareto(worth: Floats | None) -> dict[str, float] | None:
    """The share of revenue that the best fifth brings, and the share of customers who bring four fifths of it."""
    if worth is None or not worth.sum():
        return None
    running = np.cumsum(np.sort(worth)[::-1]) / worth.sum()
    best_fifth = max(1, round(0.2 * len(worth)))
    return {
        "revenue_of_best_fifth": float(running[best_fifth - 1]),
        "customers_for_four_fifths": float(np.searchsorted(running, 0.8 - 1e-12) + 1) / len(worth),
    }


def overlap(audiences: Mapping[str, Booleans]) -> list[dict[str, Any]]:
    """Every pair of audiences that share customers, the most alike first."""
    found = []
    for (one, ones), (other, others) in combinations(audiences.items(), 2):
        both, smaller = int((ones & others).sum()), int(min(ones.sum(), others.sum()))
        if both:
            found.append({"audiences": [one, other], "customers": both, "share_of_smaller": both / smaller})
    return sorted(found, key=lambda pair: (-pair["share_of_smaller"], pair["audiences"]))


def staleness(policy: Policy, last_run: int, looked_at: int) -> list[dict[str, Any]]:
    """How old each audience is against the cadence it was declared with."""
    age = (looked_at - last_run) / MICROSECONDS_PER_DAY
    found = []
    for name, audience in policy.audiences.items():
        cadence = audience.cadence_days or policy.hygiene.stale_after_days
        found.append({"audience": name, "cadence_days": cadence, "age_days": age, "stale": age > cadence})
    return found


def warnings(
    policy: Policy,
    segmentations: Mapping[str, Sequence[Mapping[str, Any]]],
    overlaps: Sequence[Mapping[str, Any]],
    stale: Sequence[Mapping[str, Any]],
) -> list[str]:
    """What to look into, in words."""
    limits, found = policy.hygiene, []
    for name, segments in segmentations.items():
        filled = [segment for segment in segments if segment["customers"]]
        if len(filled) > limits.max_segments:
            found.append(f"{name}: {len(filled)} segments are too many to act on (at most {limits.max_segments})")
        for segment in segments if name not in SIZED_BY_POLICY else ():
            what, share = f"{name} {segment['segment']}", segment["share"]
            if name == AUDIENCES and not segment["customers"]:
                found.append(f"{what}: the rule holds for nobody")
            elif 0 < share < limits.min_share:
                found.append(f"{what}: {share:.1%} of customers are too few to act on (from {limits.min_share:.1%})")
            elif share > limits.max_share:
                found.append(f"{what}: {share:.1%} of customers tell nobody apart (at most {limits.max_share:.1%})")
    found += [
        f"audiences {' and '.join(pair['audiences'])}: {pair['share_of_smaller']:.0%} of the smaller is in both"
        for pair in overlaps
        if pair["share_of_smaller"] > limits.max_overlap
    ]
    found += [
        f"audiences {entry['audience']}: {entry['age_days']:.0f} days old, its cadence is {entry['cadence_days']}"
        for entry in stale
        if entry["stale"]
    ]
    return found
