"""Are the segments any good: how large, worth how much, how alike, how stale, and what became of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from models.rows.history import MICROSECONDS_PER_DAY, Floats
from models.segments.catalogue import SEGMENTATIONS
from models.segments.kinds.audiences import AUDIENCES
from models.segments.report.kpis import KPIS
from models.segments.report.measured_run import Run
from models.segments.report.segment_tally import Members, Tally
from models.workspace import Policy

SIZED_BY_POLICY = frozenset(segmentation.name for segmentation in SEGMENTATIONS if segmentation.sized_by_policy)
"""Their sizes are what the policy's shares, limits and levers say; to warn of them would be to warn of the policy."""


def hygiene_report(
    policy: Policy,
    run: Run,
    *,
    previous: Run | None = None,
    outcomes: Mapping[str, Floats] | None = None,
    looked_at: int | None = None,
) -> dict[str, Any]:
    """What there is to say about a run's segments, ready for JSON: `report_of_tally` of the whole run.

    outcomes: what came ("churned", "value": float64 (n,), NaN unknown), to stand beside what was predicted.
    """
    tally = Tally(policy)
    tally.add(run, previous=previous, outcomes=outcomes)
    previous_as_of = None if previous is None else previous.as_of
    return report_of_tally(policy, tally, run.as_of, previous_as_of=previous_as_of, looked_at=looked_at)


def report_of_tally(
    policy: Policy, tally: Tally, as_of: int, *, previous_as_of: int | None, looked_at: int | None = None
) -> dict[str, Any]:
    """What there is to say about a run of which all parts were added up.

    segmentations: for each, its segments with size, share of customers and of revenue, KPIs (KPIS has their labels),
        and what came beside what was predicted.
    pareto, overlap of audiences, migration since the previous run, staleness at `looked_at` (microseconds; by default
    the run's own instant, with the previous run as the last look), and warnings in words.
    """
    worth = tally.worth
    total = 0.0 if worth is None else float(worth.sum())
    segmentations = {
        name: [_segment(segment, found, tally.customers, total) for segment, found in groups.items()]
        for name, groups in tally.members.items()
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


def _segment(name: str, found: Members, customers: int, revenue: float) -> dict[str, Any]:
    known = {kpi: value for kpi, fraction in found.kpis.items() if (value := fraction.value) is not None}
    return {
        "segment": name,
        "customers": found.customers,
        "share": found.customers / customers if customers else 0.0,
        "revenue_share": found.revenue / revenue if revenue else None,
        "kpis": known,
        "realised": {
            outcome: {"predicted": predicted.value, "realised": came.value, "customers": int(came.under)}
            for outcome, (predicted, came) in found.realised.items()
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
    found = []
    for (one, other), both in tally.in_both.items():
        if both:
            smaller = min(tally.members[AUDIENCES.name][name].customers for name in (one, other))
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
            if name == AUDIENCES.name and not segment["customers"]:
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
