"""Too little data: the outcomes, history and customers that a score needs for a model of its own."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.rows.history import Category, Column, Floats, History
from models.score.score_model import ScoreKind
from models.targets.outcomes import Label, NetValue
from models.targets.targets import Target
from training.findings.finding import Finding
from training.findings.training_codes import (
    NO_LABEL,
    NO_OUTCOME,
    NOTHING_TO_LEARN_FROM,
    SHORT_HISTORY,
    TOO_FEW,
    WITHOUT_MARGIN,
)
from training.windows.labelled_rows import Dataset

LEAST_CUSTOMERS = 200
LEAST_POSITIVES = 50
LEAST_ROWS_FOR_A_LEVEL, LEAST_OF_RARER_FOR_A_LEVEL = 200, 20
MOST_WORDS_SHOWN = 5
NOBODY_TO_LEARN_FROM = "nobody has an outcome to learn from"
LACKING_ARE_SERIOUS = 0.1
"""From this share of order lines without a margin on, values in margin are too low to go live unquestioned."""


class OutcomeRows(Protocol):
    """Outcomes to learn from: of whom (positions in the history) and which, of the same length."""

    @property
    def customers(self) -> NDArray[np.intp]:
        """Whose outcome each is; the same customer may have several."""

    @property
    def y(self) -> Floats:
        """The outcomes of eligible customers."""

    def distinguishes_customers(self) -> bool:
        """Whether some feature holds two different values."""


def missing_outcome(target: Target, history: History) -> Finding | None:
    """That the tables do not record at all what is to be predicted: a label or a margin that no row has; or None."""
    if isinstance(target.definition, Label) and target.definition.column not in history.labels:
        what = f"the table attributes has no column {target.definition.column!r}, which is this score's label"
        return Finding(NO_LABEL, target.score, what, "correct `column`, or map it under [tables.attributes.columns]")
    if isinstance(target.definition, NetValue) and without_margin(target, history) == 1.0:
        fix = 'map margin under [tables.orders.columns], or set value = "revenue" in [clv]'
        return Finding(f"E{WITHOUT_MARGIN}", target.score, "no order line carries a margin", fix)
    return None


def missing_margins(target: Target, history: History) -> Finding | None:
    """That some order lines lack the margin by which customers are valued, so that values come out too low; or None."""
    share = without_margin(target, history)
    if share == 0.0:
        return None
    code = f"{'E' if share >= LACKING_ARE_SERIOUS else 'W'}{WITHOUT_MARGIN}"
    what = f"{share:.1%} of order lines carry no margin, and do not count: values come out too low"
    return Finding(code, target.score, what, 'map margin for every line, or set value = "revenue" in [clv]')


def without_margin(target: Target, history: History) -> float:
    """The share of order lines that lack the margin that a customer's value is computed from; 0 where it is not."""
    orders = history.tables.get("orders")
    if not (isinstance(target.definition, NetValue) and target.definition.column == "margin" and orders is not None):
        return 0.0
    margin = orders.columns.get("margin")
    return 1.0 if not isinstance(margin, np.ndarray) or not len(margin) else float(np.isnan(margin).mean())


def too_little_data(
    target: Target, known: OutcomeRows, history: History, *, burn_in_days: int, burnt_in: bool
) -> Finding | None:
    """The first shortage of data, or None.

    burnt_in: whether the history reaches `burn_in_days` back before the first window; true for labels without a clock.
    """
    if len(known.y) == 0:
        return Finding(NO_OUTCOME, target.score, NOBODY_TO_LEARN_FROM, fix_for_no_outcome(target))
    positive = len(np.unique(known.customers[known.y > 0]))
    rarest = positive if target.kind == "clv" else min(positive, len(np.unique(known.customers[known.y == 0])))
    if rarest == 0:
        fix = f"{fix_for_one_outcome(target)}, or accept {NO_OUTCOME}:{target.score} with a reason"
        return Finding(NO_OUTCOME, target.score, one_outcome_for_all(target, history, everyone=positive > 0), fix)
    if not known.distinguishes_customers():
        what = "no feature tells one customer from another: all are missing, or the same for everyone"
        fix = "bring columns that differ between customers; until then everyone gets the mean"
        return Finding(NOTHING_TO_LEARN_FROM, target.score, what, fix)
    if not burnt_in:
        what = f"there are under {burn_in_days} days of history before the first window"
        return Finding(SHORT_HISTORY, target.score, what, "shorten horizon_days, bring older rows, or wait")
    customers = len(np.unique(known.customers))
    if customers >= LEAST_CUSTOMERS and rarest >= LEAST_POSITIVES:
        return None
    what = (
        f"{customers} customers have an outcome, {rarest} of them the rarer one; "
        f"a model needs {LEAST_CUSTOMERS} and {LEAST_POSITIVES}"
    )
    return Finding(TOO_FEW, target.score, what, "its baseline answers until there are more")


def too_few_for_level(rows: Dataset, kind: ScoreKind) -> bool:
    """Whether a level is not to be read from these rows, as when six pilot customers were all there was last year."""
    rarer = rows.positives if kind == "clv" else min(rows.positives, len(rows) - rows.positives)
    return len(rows) < LEAST_ROWS_FOR_A_LEVEL or rarer < LEAST_OF_RARER_FOR_A_LEVEL


def one_outcome_for_all(target: Target, history: History, *, everyone: bool) -> str:
    """That everyone has the outcome, or nobody; of a label also which words its column holds."""
    what = f"{'everyone has' if everyone else 'nobody has'} the outcome: nothing tells it apart"
    if not isinstance(target.definition, Label):
        return what
    column, positive = target.definition.column, target.definition.positive
    return f"{what}; the column {column} holds {words_held(history.labels[column])}, the outcome is {positive!r}"


def fix_for_one_outcome(target: Target) -> str:
    """What to do where everyone shares one outcome."""
    if isinstance(target.definition, Label):
        return "write `positive` as the column does, or bring customers of both kinds"
    return "check the definition in tercet.toml, and that the rows reach far enough"


def words_held(column: Column) -> str:
    """The values that a column holds, the commonest first, for people: "'No', 'Yes'"."""
    values = words_of(column)
    shown = [repr(value) if isinstance(value, str) else f"{value:.15g}" for value in values[:MOST_WORDS_SHOWN]]
    more = len(values) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def words_of(column: Column) -> list[str | float]:
    """The values that a column holds, the commonest first."""
    values: list[str | float]
    if isinstance(column, Category):
        codes, counts = np.unique(column.codes[column.codes >= 0], return_counts=True)
        values = [column.vocabulary[code] for code in codes.tolist()]
    else:
        numbers, counts = np.unique(column[~np.isnan(column)], return_counts=True)
        values = numbers.tolist()
    return [values[at] for at in np.argsort(-counts, kind="stable")]


def fix_for_no_outcome(target: Target) -> str:
    """The fix where nobody has an outcome."""
    if isinstance(target.definition, Label):
        return f"fill the column {target.definition.column} for the customers whose outcome is known"
    return "check the definition in tercet.toml: at no snapshot was there anyone whom it fits with an outcome known"
