"""The figures of groups of customers, beside pandas; and what is found in them."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from models.features.sensitive_columns import SensitiveColumn
from models.rows.history import Category
from models.score.score_model import ScoreKind
from tests.builders.histories import history_of, instant
from training.judging.evaluation import Evaluation
from training.judging.fairness_findings import fairness_findings
from training.judging.group_figures import CalibrationRatio, FairnessCheck, GroupFigures, calibration_ratio
from training.judging.sensitive_groups import group_by
from training.windows.labelled_rows import Dataset
from training.windows.population import Population

Judged = tuple[pd.DataFrame, tuple[GroupFigures, ...], tuple[GroupFigures, ...]]

AT = instant("2025-06-01")
COLUMNS = tuple(
    SensitiveColumn(table, column, None)
    for table, column in (("customers", "gender"), ("customers", "birth_year"), ("attributes", "income"))
)


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table, by column."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


@pytest.fixture(scope="module")
def judged() -> tuple[pd.DataFrame, tuple[GroupFigures, ...], tuple[GroupFigures, ...]]:
    """Customers with what was predicted and came; the figures of a probability, and of an amount."""
    random = np.random.default_rng(3)
    people = pd.DataFrame({"customer_id": [f"{i:04}" for i in range(1500)]})
    people["gender"] = random.choice(
        np.array(["f", "m", "x", None], dtype=object), len(people), p=[0.5, 0.4, 0.02, 0.08]
    )
    people["birth_year"] = random.integers(1938, 2007, len(people)).astype(float)
    people.loc[random.random(len(people)) < 0.06, "birth_year"] = np.nan
    people["income"] = np.round(random.lognormal(10, 0.5, len(people)))
    later = people.assign(as_of="2025-07-01", income=1.0)
    rows = pd.concat([people.assign(as_of="2025-01-01"), later])[["customer_id", "as_of", "income"]]
    history = history_of(
        customers=records(people[["customer_id", "gender", "birth_year"]].replace({np.nan: None})),
        attributes=records(rows),
    )
    chosen = np.sort(random.choice(len(people), 1200, replace=False))
    people = people.iloc[chosen].assign(predicted=random.random(1200))
    people["came"] = (random.random(1200) < people["predicted"] * 0.8).astype(float)
    people["spent"] = np.round(people["came"] * random.lognormal(3, 1, 1200), 2)
    people["amount"] = 30 * people["predicted"]
    people["high"] = people["predicted"] > people["predicted"].quantile(0.8)
    check = FairnessCheck(Population(history, ()), COLUMNS, 0.2)

    def figures(kind: ScoreKind, came: str, predicted: str) -> tuple[GroupFigures, ...]:
        data = Dataset((), {}, np.empty((1200, 0)), people[came].to_numpy(), chosen, np.full(1200, AT))
        return check.by_group(kind, data, people[predicted].to_numpy())

    return people, figures("churn", "came", "predicted"), figures("clv", "spent", "amount")


def groups_of(people: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    """The same groups by pandas: small ones together, and not at all while they are under 50."""
    labels = {
        "customers.gender": people["gender"].where(people["gender"].notna(), "not known"),
        "customers.birth_year": (people["birth_year"] // 10 * 10).map(
            lambda year: "not known" if np.isnan(year) else f"{year:.0f}s"
        ),
    }
    found = {}
    for column, label in labels.items():
        counts = label.value_counts()
        merged = label.where(label.map(counts) >= 50, "others")
        for group, rows in people.groupby(merged):
            if len(rows) >= 50:
                found[column, group] = rows
    return found


def test_the_figures_of_every_group_are_those_of_a_slow_group_by(judged: Judged) -> None:
    people, churn, clv = judged
    expected = groups_of(people)
    words = [group for group in churn if group.column != "attributes.income"]
    assert {(group.column, group.group) for group in words} == set(expected)
    for group in words:
        rows = expected[group.column, group.group]
        assert group.rows == len(rows)
        assert group.predicted == pytest.approx(rows["predicted"].mean())
        assert group.came == pytest.approx(rows["came"].mean())
        assert group.ratio.value == pytest.approx(rows["predicted"].sum() / rows["came"].sum())
        others = people.drop(rows.index)
        assert group.of_others.value == pytest.approx(others["predicted"].sum() / others["came"].sum())
        assert group.high == rows["high"].sum()
        assert group.order == pytest.approx(roc_auc_score(rows["came"], rows["predicted"]))
    for group in clv:
        if group.column != "attributes.income":
            rows = expected[group.column, group.group]
            assert group.ratio.value == pytest.approx(rows["amount"].sum() / rows["spent"].sum())


def test_a_group_of_few_is_not_shown(judged: Judged) -> None:
    people, churn, _ = judged
    assert 0 < (people["gender"] == "x").sum() < 50
    assert [group.group for group in churn if group.column == "customers.gender"] == ["f", "m", "not known"]
    assert all(group.rows >= 50 for group in churn)


def test_numbers_are_taken_by_fifths_as_they_were_known_then(judged: Judged) -> None:
    people, churn, _ = judged
    income = [group for group in churn if group.column == "attributes.income"]
    fifths = people["income"].quantile([0.2, 0.4, 0.6, 0.8], interpolation="lower")
    expected = people.groupby(np.searchsorted(fifths, people["income"]))["came"].agg(["size", "mean"])
    assert [group.rows for group in income] == expected["size"].tolist()
    assert [group.came for group in income] == pytest.approx(expected["mean"].tolist())
    assert income[0].group == f"up to {fifths.iloc[0]:,.0f}"
    assert f"{people['income'].max():,.0f}" not in " ".join(group.group for group in income)


def test_the_standard_error_of_a_ratio_is_what_resampling_gives() -> None:
    random = np.random.default_rng(0)
    predicted = random.gamma(2, 20, 800)
    came = predicted * random.lognormal(-0.1, 0.6, 800) * (random.random(800) < 0.7)
    ratios = []
    for _ in range(2000):
        rows = random.integers(0, 800, 800)
        ratios.append(predicted[rows].mean() / came[rows].mean())
    assert calibration_ratio(came, predicted).error == pytest.approx(np.std(ratios), rel=0.1)


def test_words_of_few_are_others_once_they_are_enough() -> None:
    words = ["a"] * 60 + [f"rare {i % 3}" for i in range(57)]
    vocabulary = tuple(sorted(set(words)))
    column = Category(np.array([vocabulary.index(word) for word in words], dtype=np.int32), vocabulary)
    assert group_by(column).labels == ("a", "others")
    assert group_by(column.take(np.arange(100))).labels == ("a",)
    assert (group_by(column.take(np.arange(100))).codes[60:] == -1).all()


def test_few_numbers_are_words() -> None:
    senior = np.repeat([0.0, 1.0, np.nan], [70, 60, 55])
    assert group_by(senior).labels == ("0", "1", "not known")


def test_of_many_words_the_largest_are_shown() -> None:
    codes = np.repeat(np.arange(20), 50 + np.arange(20)).astype(np.int32)
    groups = group_by(Category(codes, tuple(f"{i:02}" for i in range(20))))
    assert groups.labels == (*(f"{i:02}" for i in range(9, 20)), "others")


SAME = CalibrationRatio(1.0, 0.02)
GROUP = GroupFigures("customers.gender", "f", 1000, 0.3, 0.3, SAME, SAME, 100, 0.7)
JUDGED = Evaluation("churn", "churn", "out of time", 90, 2000, 600, {})


def codes(*groups: GroupFigures) -> list[str]:
    return [finding.code for finding in fairness_findings(replace(JUDGED, fairness=groups))]


def test_like_groups_give_no_finding() -> None:
    assert codes(GROUP, replace(GROUP, group="m")) == []
    assert codes() == []


@pytest.mark.parametrize(
    ("ratio", "found"),
    [
        (CalibrationRatio(1.2, 0.03), ["W920"]),
        (CalibrationRatio(0.8, 0.03), ["W920"]),
        (CalibrationRatio(1.08, 0.001), []),  # beyond chance, but little
        (CalibrationRatio(1.2, 0.1), []),  # much, but it may be chance
        (CalibrationRatio(float("nan"), float("nan")), []),  # nothing came
    ],
)
def test_a_group_that_is_off_beyond_chance_and_by_more_than_a_tenth_is_found(
    ratio: CalibrationRatio, found: list[str]
) -> None:
    assert codes(GROUP, replace(GROUP, group="m", ratio=ratio)) == found


def test_what_is_off_for_everyone_alike_is_no_matter_of_groups() -> None:
    both = replace(GROUP, ratio=CalibrationRatio(1.2, 0.02), of_others=CalibrationRatio(1.2, 0.02))
    assert codes(both, replace(both, group="m")) == []


def test_a_giant_among_the_others_makes_no_group_wrong() -> None:
    assert codes(replace(GROUP, ratio=CalibrationRatio(1.4, 0.05), of_others=CalibrationRatio(0.9, 0.3))) == []


def test_a_group_far_less_often_in_the_high_band_is_found_beyond_chance() -> None:
    assert codes(GROUP, replace(GROUP, group="m", high=60)) == ["W921"]
    assert codes(GROUP, replace(GROUP, group="m", high=85)) == []
    small = replace(GROUP, rows=50, high=5)
    assert codes(small, replace(small, group="m", high=3)) == []


def test_columns_are_compared_apart_and_named_in_one_finding() -> None:
    region = replace(GROUP, column="customers.region", group="north", high=10)
    assert codes(GROUP, region) == []
    fewer = replace(JUDGED, fairness=(GROUP, replace(GROUP, group="m", high=60), region, replace(region, high=300)))
    (finding,) = fairness_findings(fewer)
    assert 'of "m" (6.0%) as of "f" (10.0%) by customers.gender; of "north" (1.0%)' in finding.what
    assert finding.what.endswith("by customers.region")
    assert not finding.blocks


def test_who_is_not_known_is_no_group_to_be_preferred_but_may_be_predicted_wrongly() -> None:
    unknown = replace(GROUP, group="not known", high=300)
    assert codes(GROUP, unknown) == []
    assert codes(GROUP, replace(unknown, ratio=CalibrationRatio(1.3, 0.02))) == ["W920"]


def test_others_are_too_mixed_to_be_found_wrong() -> None:
    assert codes(GROUP, replace(GROUP, group="others", ratio=CalibrationRatio(2.0, 0.01), high=0)) == []
