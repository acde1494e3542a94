"""docs/operations/monitoring.md lists the codes and the limits that the code has."""

import re
from pathlib import Path

from training.findings.monitoring_codes import MEANINGS
from training.judging import grading
from training.monitoring import outcome_findings, population_findings
from training.monitoring import silent_tables as silence

PAGE = (Path(__file__).parents[2] / "docs" / "operations" / "monitoring.md").read_text(encoding="utf-8")


def rows(head: str) -> list[list[str]]:
    """The cells of the table with this head."""
    lines = PAGE.split(f"{head}\n", 1)[1].splitlines()[1:]
    table = lines[: next(place for place, line in enumerate(lines) if not line.startswith("|"))]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def test_every_code_is_listed_with_its_meaning_and_its_limits() -> None:
    assert dict(rows("| code | what |")) == MEANINGS
    assert [row[0] for row in rows("| code | warning | error | why there |")] == list(MEANINGS)


def test_the_limits_told_are_those_of_the_code() -> None:
    limits = rows("| code | warning | error | why there |")
    told = {code: [float(n) for n in re.findall(r"\d+(?:\.\d+)?", low + high)] for code, low, high, _ in limits}
    p, o = population_findings, outcome_findings
    assert told["701"] == [p.SOME_DRIFT, p.MUCH_DRIFT]
    assert told["702"] == [
        p.SOME_DRIFT,
        100 * p.OF_NOTE,
        p.MUCH_DRIFT,
        p.SOME_DRIFT,
        p.MUCH_DRIFT,
        100 * p.HEAVY,
        p.SOME_DRIFT,
    ]
    assert told["703"] == [100 * p.MISSING_MORE, 100 * p.MISSING_MUCH_MORE]
    assert told["704"] == [100 * p.UNSEEN_SOME, 100 * p.UNSEEN_MANY]
    assert (silence.PATIENCE_DAYS, silence.TIMES_THE_LONGEST) == (7, 3)
    assert told["710"] == [100 * o.LARGEST_GAP, 100 * o.LEAST_GAP]
    assert told["711"] == [100 * grading.LARGEST_BIAS["clv"], 100 * grading.WORST_BIAS]
    assert told["712"][0] == 100 * o.SKILL_LOST
    assert told["712"][-1] == 100 * o.SKILL_MUCH_LOST
    (some, many), (some_top, many_top) = o.COVERAGE_SHORT.values()
    assert told["713"] == [100 * limit for limit in (some, some_top, many, many_top)]
