"""The report of a small training: whole, self-contained, readable, and without a customer in it."""

import doctest
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import training.report.number_format
from models.ingest import RejectedRows, SourceDigest
from models.rows.history import MICROSECONDS_PER_DAY, History
from models.score.score_model import Grade
from models.workspace import load_workspace
from tests.builders.histories import history_of, instant
from tests.builders.narrowing import present
from tests.oracles.html_page import Page, without_pictures
from training.findings.finding import Finding
from training.judging.bootstrap import Figure
from training.report.number_format import shown_figure
from training.report.plots import plots_of
from training.report.report_page import Origin, render_report
from training.report.score_uses import headline, score_uses
from training.training_run import TrainingRun, train_scores

pytestmark = pytest.mark.slow

DAY = MICROSECONDS_PER_DAY
START = instant("2023-01-01")
TOML = """
[business]
currency = "EUR"
[tables.orders]
source = "orders.csv"
[tables.customers]
source = "customers.csv"
[churn]
definition = "inactivity"
[clv]
horizon_days = 90
[upsell.big]
target = "order_over"
amount = 60
horizon_days = 2000
[consent]
default = "granted"
[sensitive]
columns = ["gender", "birth_year"]
as_features = { birth_year = "the law lets us" }
[training]
trees = 10
snapshots = 3
"""


def shop(days: int, customers: int = 260) -> History:
    random = np.random.default_rng(0)
    orders: list[dict[str, Any]] = []
    people: list[dict[str, Any]] = []
    for customer in range(customers):
        name = f"cust-{customer:04}"
        gender = ["f", "m", None, "<x&y>"][0 if customer < 120 else 1 if customer < 200 else 2 if customer < 255 else 3]
        refuses = 0 if customer == 7 else None
        birth_year = 1950 + customer % 50
        people.append({"customer_id": name, "gender": gender, "birth_year": birth_year, "profiling_consent": refuses})
        at, gap = random.uniform(0, 100), random.lognormal(3, 0.6) if customer % 2 else 400
        while at < days:
            amount = round(random.gamma(2, 20) + 1, 2)
            moment = START + int(at * DAY)
            orders.append({"customer_id": name, "order_id": len(orders), "ordered_at": moment, "amount": amount})
            at += random.exponential(gap) + 0.01
    return history_of(orders=orders, customers=people)


def trained(folder: Path, days: int, customers: int = 260) -> TrainingRun:
    (folder / "tercet.toml").write_text(TOML)
    return train_scores(load_workspace(folder), shop(days, customers), START + days * DAY)


SOURCES = (
    SourceDigest("orders", "postgresql://reader:secret@db/shop", "ab" * 32, 4321),
    SourceDigest("customers", "customers.csv", "cd" * 32, 260),
)
REJECTED = (RejectedRows("orders", "missing amount", 17, "row 3"),)


def page_of(run: TrainingRun) -> str:
    plots = {score.model.score: plots_of(score, "EUR") for score in run.scores}
    return render_report(run, plots, SOURCES, rejections=REJECTED, origin=Origin("run-77", "12", "feed" * 16))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> TrainingRun:
    return trained(tmp_path_factory.mktemp("shop"), 480)


@pytest.fixture(scope="module")
def page(run: TrainingRun) -> str:
    return page_of(run)


def test_it_is_one_well_formed_file_that_fetches_nothing(page: str) -> None:
    parsed = Page(page)
    assert "http" not in without_pictures(page)
    assert not list(parsed.all("script"))
    assert not list(parsed.all("link"))
    assert "@import" not in without_pictures(page)
    assert "url(" not in without_pictures(page)
    assert all(str(image["src"]).startswith("data:image/png;base64,") for image in parsed.all("img"))
    ids = {attributes["id"] for _, attributes in parsed.tags if "id" in attributes}
    assert {str(link["href"]) for link in parsed.all("a")} <= {f"#{name}" for name in ids}


def test_it_can_be_read_aloud(page: str) -> None:
    parsed = Page(page)
    assert all(image["alt"] for image in parsed.all("img"))
    assert all(header.get("scope") in {"col", "row"} for header in parsed.all("th"))
    assert next(parsed.all("html"))["lang"] == "en"
    labelled = {attributes["aria-labelledby"] for attributes in parsed.all("section")}
    assert labelled <= {attributes.get("id") for _, attributes in parsed.tags}


def test_it_holds_every_scores_figures_beside_its_baselines(run: TrainingRun, page: str) -> None:
    text = Page(page).text
    for score in run.scores:
        assert score.model.label in text
        assert score.verdict.why in text
        if score.evaluation is not None:
            for name in ("gini", "mae", "bias") if score.model.kind == "clv" else ("auc", "log_loss", "ece", "bias"):
                assert shown_figure(score.evaluation.figures[name], name).split(" (")[0] in text
            assert all(baseline in text for baseline in score.evaluation.baselines)
            for row in score.evaluation.calibration:
                digits = 0 if row.actual >= 100 else 2
                shown = f"{row.actual:,.{digits}f}" if score.model.kind == "clv" else f"{100 * row.actual:.1f} %"
                assert shown in text
    (missing,) = run.missing
    assert missing.subject == "upsell.big"
    assert missing.what[1:] in text
    assert "coverage" in present(run.scores[1].evaluation).figures
    assert "lay within the range promised to hold 80 %" in text


def test_it_tells_what_the_data_was_and_what_was_left_out(run: TrainingRun, page: str) -> None:
    text = Page(page).text
    assert run.everyone == 260
    assert "259; 1 of 260 may not be profiled" in text
    assert '259 of 260 customers have no consent recorded; [consent] default = "granted" applies' in text
    assert "4,321 17 postgresql://reader:***@db/shop abababababab" in text
    assert "secret" not in without_pictures(page)
    assert all(word in text for word in ("run-77", "version 12", "feedfeedfeedfeed", "LightGBM", "learning rate"))
    assert 'customers.birth_year : models may read it, because "the law lets us"' in text
    assert "customers.gender : read by no model" in text


def test_groups_of_customers_are_compared_and_few_are_not_told(run: TrainingRun, page: str) -> None:
    churn = run.scores[0]
    assert "gender" not in churn.model.features
    assert "age" in churn.model.features
    of_gender = [group for group in present(churn.evaluation).fairness if group.column == "customers.gender"]
    assert [group.group for group in of_gender] == ["f", "m", "not known"]
    text = Page(page).text
    for group in of_gender:
        assert f"{group.group} {group.rows} {100 * group.predicted:.1f} % {100 * group.came:.1f} %" in text
    assert "x&y" not in text


def missing_numbers(text: str) -> list[str]:
    """The words that stand where a number is missing; that a score has no second voice is no such word."""
    words = r"\b(?:nan|inf|infinity|none|null|nat|undefined)\b"
    return re.findall(words, text.replace("second voice none", ""), re.IGNORECASE)


@pytest.mark.parametrize("voice", ["none", "expected_spend_90d 0.25"])
def test_no_customer_and_no_missing_number_is_in_it(run: TrainingRun, voice: str) -> None:
    scores = [replace(s, parameters={**s.parameters, "second_voice": voice}) for s in run.scores]
    page = page_of(replace(run, scores=tuple(scores)))
    assert "cust-" not in without_pictures(page)
    assert f"second voice {voice}" in Page(page).text
    assert missing_numbers(Page(page).text) == []


def test_a_missing_number_would_be_found_in_it(run: TrainingRun) -> None:
    scores = [replace(s, parameters={**s.parameters, "trees": None, "seed": float("nan")}) for s in run.scores]
    page = page_of(replace(run, scores=tuple(scores)))
    assert {word.lower() for word in missing_numbers(Page(page).text)} == {"none", "nan"}


def test_it_says_how_a_score_may_be_used(run: TrainingRun) -> None:
    churn = run.scores[0]
    evaluation = present(churn.evaluation)
    figures = dict(evaluation.figures) | {"ece": Figure(0.01), "bias": Figure(0.0, -0.1, 0.1)}
    calm = replace(evaluation, figures=figures)

    def standing(grade: Grade, **changes: Any) -> str:
        model = replace(churn.model, grade=grade)
        standard: dict[str, Any] = {"model": model, "evaluation": calm, "findings": ()}
        score = replace(churn, **standard | changes)
        return score_uses(replace(run, scores=(score,), missing=()))[0].standing

    assert standing("A") == "ready"
    assert standing("B") == "care"
    assert standing("C") == "not"
    assert standing("B", evaluation=replace(calm, figures=figures | {"ece": Figure(0.2)})) == "ranking"
    assert standing("A", findings=(Finding("E901", "churn", "too good", "look"),)) == "not"
    assert standing("A", findings=(Finding("W903", "churn", "short", "wait"),)) == "ready"
    assert standing("C", model=replace(churn.model, grade="C", model="baseline")) == "rule"


def test_the_first_sentence_counts_the_scores(run: TrainingRun) -> None:
    uses = score_uses(run)
    ready, not_yet = (replace(uses[0], standing=standing) for standing in ("ready", "not"))
    assert headline((ready,)) == "The one score is ready to use."
    assert headline((ready, ready, not_yet)) == "Of 3 scores, 2 are ready to use and 1 cannot be used yet."
    assert uses[-1].use_for == "Nothing: it could not be trained."


def test_a_report_of_baselines_alone_is_whole(tmp_path: Path) -> None:
    run = trained(tmp_path, 480, customers=120)
    assert {score.model.model for score in run.scores} == {"baseline"}
    text = Page(page_of(run)).text
    assert "a rule of thumb answers" in text
    assert "W304" in text
    assert missing_numbers(text) == []


def test_the_examples_of_how_numbers_are_shown_are_true() -> None:
    assert doctest.testmod(training.report.number_format).failed == 0
