"""What a score wants before it can have a model of its own: outcomes, both of them, history, and customers enough."""

import numpy as np

from models.history import Category, Column, History
from models.outcomes import Label
from models.targets import Target
from training.findings import NO_OUTCOME, SHORT_HISTORY, TOO_FEW, TrainingFinding
from training.labels import Dataset

LEAST_CUSTOMERS = 200
LEAST_POSITIVES = 50
MOST_WORDS_SHOWN = 5


def wanting(
    target: Target, data: Dataset, history: History, *, burn_in_days: int, burnt_in: bool
) -> TrainingFinding | None:
    """The first thing that is wanting, or None.

    burnt_in: whether the history reaches `burn_in_days` back before the first window; true for labels without a clock.
    """
    if len(data) == 0:
        return TrainingFinding(NO_OUTCOME, target.score, "nobody has an outcome to learn from", _to_have_one(target))
    positive = len(np.unique(data.customers[data.y > 0]))
    rarest = positive if target.kind == "clv" else min(positive, len(np.unique(data.customers[data.y == 0])))
    if rarest == 0:
        fix = f"{to_part_them(target)}, or accept {NO_OUTCOME}:{target.score} with a reason"
        return TrainingFinding(NO_OUTCOME, target.score, same_for_all(target, history, everyone=positive > 0), fix)
    if not burnt_in:
        what = f"there are under {burn_in_days} days of history before the first window"
        return TrainingFinding(SHORT_HISTORY, target.score, what, "shorten horizon_days, bring older rows, or wait")
    customers = data.customer_count
    if customers >= LEAST_CUSTOMERS and rarest >= LEAST_POSITIVES:
        return None
    what = (
        f"{customers} customers have an outcome, {rarest} of them the rarer one; "
        f"a model needs {LEAST_CUSTOMERS} and {LEAST_POSITIVES}"
    )
    return TrainingFinding(TOO_FEW, target.score, what, "its baseline answers until there are more")


def same_for_all(target: Target, history: History, *, everyone: bool) -> str:
    """That everyone has the outcome, or nobody; of a label also which words its column holds."""
    what = f"{'everyone has' if everyone else 'nobody has'} the outcome: nothing tells it apart"
    if not isinstance(target.definition, Label):
        return what
    column, positive = target.definition.column, target.definition.positive
    return f"{what}; the column {column} holds {words_held(history.labels[column])}, the outcome is {positive!r}"


def to_part_them(target: Target) -> str:
    """What to do where everyone shares one outcome."""
    if isinstance(target.definition, Label):
        return "write `positive` as the column does, or bring customers of both kinds"
    return "check the definition in tercet.toml, and that the rows reach far enough"


def words_held(column: Column) -> str:
    """The values that a column holds, the commonest first, for people: "'No', 'Yes'"."""
    if isinstance(column, Category):
        codes, counts = np.unique(column.codes[column.codes >= 0], return_counts=True)
        values = [repr(column.vocabulary[code]) for code in codes.tolist()]
    else:
        numbers, counts = np.unique(column[~np.isnan(column)], return_counts=True)
        values = [f"{number:.15g}" for number in numbers.tolist()]
    shown = [values[at] for at in np.argsort(-counts, kind="stable")[:MOST_WORDS_SHOWN]]
    more = len(values) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _to_have_one(target: Target) -> str:
    if isinstance(target.definition, Label):
        return f"fill the column {target.definition.column} for the customers whose outcome is known"
    return "check the definition in tercet.toml: at no snapshot was there anyone whom it fits with an outcome known"
