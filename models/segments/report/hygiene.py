"""Segment hygiene: size, value, similarity and age of segments."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from models.rows.history import MICROSECONDS_PER_DAY, Floats
from models.segments.kinds.all_kinds import SEGMENTATIONS
from models.segments.kinds.audiences import AUDIENCES
from models.segments.report.kpis import KPIS
from models.segments.report.segment_tally import Members, Tally
from models.workspace import Policy

SIZED_BY_POLICY = frozenset(segmentation.name for segmentation in SEGMENTATIONS if segmentation.sized_by_policy)
"""Their sizes are what the policy's shares, limits and levers say; to warn of them would be to warn of the policy."""


def report_of_tally(
    policy: Policy, tally: Tally, as_of: int, *, previous_as_of: int | None, looked_at: int | None = None
) -> dict[str, Any]:
    """The report on a run of which all parts were added up, ready for JSON.

    segmentations: for each, its segments with size, share of customers and of revenue, KPIs (KPIS has their labels),
        and what happened compared with what was predicted.
    pareto, overlap of audiences, migration since the previous run, staleness at `looked_at` (microseconds; by default
    the run's own instant, with the previous run as the last look), and warnings in words.
    """
    worth = tally.worth
    total = 0.0 if worth is None else float(worth.sum())
    segmentations = {
        segmentation: [_figures(name, members, tally.customers, total) for name, members in segments.items()]
        for segmentation, segments in tally.members.items()
    }
    overlaps = overlap(tally)
    last_run = as_of if previous_as_of is None or looked_at is not None else previous_as_of
    stale = staleness(policy, last_run, looked_at or as_of)
    return {
        "customers": tally.customers,
        "segmentations": segmentations,
        "kpis": {kpi.name: kpi.label for kpi in KPIS},
        "pareto": pareto(worth),
        "overlap": overlaps,
        "migration": tally.migration,
        "staleness": stale,
        "warnings": warnings(policy, segmentations, overlaps, stale),
    }


def _figures(name: str, members: Members, customers: int, revenue: float) -> dict[str, Any]:
    known = {kpi: value for kpi, fraction in members.kpis.items() if (value := fraction.value) is not None}
    return {
        "segment": name,
        "customers": members.customers,
        "share": members.customers / customers if customers else 0.0,
        "revenue_share": members.revenue / revenue if revenue else None,
        "kpis": known,
        "realised": {
            outcome: {"predicted": predicted.value, "realised": came.value, "customers": int(came.under)}
            for outcome, (predicted, came) in members.realised.items()
            if came.under
        },
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


def overlap(tally: Tally) -> list[dict[str, Any]]:
    """Every pair of audiences that share customers, the most alike first."""
    pairs = []
    for names, customers in tally.in_both.items():
        if customers:
            smaller = min(tally.members[AUDIENCES.name][name].customers for name in names)
            pairs.append({"audiences": list(names), "customers": customers, "share_of_smaller": customers / smaller})
    return sorted(pairs, key=lambda pair: (-pair["share_of_smaller"], pair["audiences"]))


def staleness(policy: Policy, last_run: int, looked_at: int) -> list[dict[str, Any]]:
    """How old each audience is against the cadence it was declared with."""
    age = (looked_at - last_run) / MICROSECONDS_PER_DAY
    ages = []
    for name, audience in policy.audiences.items():
        cadence = audience.cadence_days or policy.hygiene.stale_after_days
        ages.append({"audience": name, "cadence_days": cadence, "age_days": age, "stale": age > cadence})
    return ages


def warnings(
    policy: Policy,
    segmentations: Mapping[str, Sequence[Mapping[str, Any]]],
    overlaps: Sequence[Mapping[str, Any]],
    stale: Sequence[Mapping[str, Any]],
) -> list[str]:
    """What is odd about the segments, a sentence each."""
    limits, texts = policy.hygiene, list[str]()
    for name, segments in segmentations.items():
        filled = [segment for segment in segments if segment["customers"]]
        if len(filled) > limits.max_segments:
            texts.append(f"{name}: {len(filled)} segments are too many to act on (at most {limits.max_segments})")
        for segment in segments if name not in SIZED_BY_POLICY else ():
            what, share = f"{name} {segment['segment']}", segment["share"]
            if name == AUDIENCES.name and not segment["customers"]:
                texts.append(f"{what}: the rule holds for nobody")
            elif 0 < share < limits.min_share:
                texts.append(f"{what}: {share:.1%} of customers are too few to act on (from {limits.min_share:.1%})")
            elif share > limits.max_share:
                texts.append(f"{what}: {share:.1%} of customers tell nobody apart (at most {limits.max_share:.1%})")
    texts += [
        f"audiences {' and '.join(pair['audiences'])}: {pair['share_of_smaller']:.0%} of the smaller is in both"
        for pair in overlaps
        if pair["share_of_smaller"] > limits.max_overlap
    ]
    texts += [
        f"audiences {entry['audience']}: {entry['age_days']:.0f} days old, its cadence is {entry['cadence_days']}"
        for entry in stale
        if entry["stale"]
    ]
    return texts
