"""The hygiene report on a whole run, which the product makes of tallies of its parts."""

from collections.abc import Mapping
from typing import Any

from models.rows.history import Floats
from models.segments.report.hygiene import report_of_tally
from models.segments.report.measured_run import Run
from models.segments.report.segment_tally import Tally
from models.workspace import Policy


def hygiene_report(
    policy: Policy,
    run: Run,
    *,
    previous: Run | None = None,
    outcomes: Mapping[str, Floats] | None = None,
    looked_at: int | None = None,
) -> dict[str, Any]:
    """The report on a run's segments, ready for JSON: `report_of_tally` of the whole run.

    outcomes: what happened ("churned", "value": float64 (n,), NaN unknown), to be compared with what was predicted.
    """
    tally = Tally(policy)
    tally.add(run, previous=previous, outcomes=outcomes)
    previous_as_of = None if previous is None else previous.as_of
    return report_of_tally(policy, tally, run.as_of, previous_as_of=previous_as_of, looked_at=looked_at)
