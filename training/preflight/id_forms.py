"""Id forms: spellings of one id, how they differ, how many rows each has, and the expression that makes them equal."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from models.ingest import Ingested
from models.rows.history import Integers
from models.rows.tables import TABLES, TableName
from models.workspace import Workspace
from training.preflight.toml_fixes import WorkspaceTables

_BLANKS = re.compile(r"\s+")
_ZEROS = re.compile(r"^0+([0-9]+)$")
_FRACTION = re.compile(r"^([0-9]+)\.0+$")
MOST_STRANGERS_LEFT = 0.5
"""So many unknown ids may stay unknown where writing them alike is the fix."""


@dataclass(frozen=True, slots=True)
class Form:
    """what: ids differ by it. alike: the id without it. sql: the same, in DuckDB's SQL over `{}`.

    mark: what a list of ids, each between two `\\0`, holds if some have it.
    """

    what: str
    alike: Callable[[str], str]
    sql: str
    mark: re.Pattern[str]


FORMS = (
    Form("case", str.lower, "lower({})", re.compile(r"[^\W\d_]")),
    Form("blanks", lambda word: _BLANKS.sub("", word), r"regexp_replace({}, '\s+', '', 'g')", _BLANKS),
    Form(
        "a trailing .0",
        lambda word: _FRACTION.sub(r"\1", word),
        r"regexp_replace({}, '^([0-9]+)\.0+$', '\1')",
        re.compile(r"\0[0-9\s]+\.[0\s]+\0"),
    ),
    Form(
        "leading zeros",
        lambda word: _ZEROS.sub(r"\1", word),
        r"regexp_replace({}, '^0+([0-9]+)$', '\1')",
        re.compile(r"\0\s*0[0-9\s]+(\.[0\s]+)?\0"),
    ),
)
"""In the order in which they are taken away."""


def alike(word: str, forms: Sequence[Form] = FORMS) -> str:
    """The id in the form that all its spellings share.

    >>> alike("AB 1"), alike("00123"), alike("123.0"), alike("0")
    ('ab1', '123', '123', '0')
    """
    for form in forms:
        word = form.alike(word)
    return word


def spelt_twice(words: Sequence[str]) -> list[tuple[str, ...]]:
    """Ids that are the same but for their form, group by group.

    Ids that heed case by design differ by it too: of a group that mixes cases, one must be in small or capital letters
    alone.
    """
    marked = "\0".join(["", *words, ""])
    forms = [form for form in FORMS if form.mark.search(marked)]  # most ids have none but letters
    groups: dict[str, list[str]] = defaultdict(list)
    for word in words:
        groups[alike(word, forms)].append(word)
    return [tuple(group) for group in groups.values() if len(group) > 1 and _is_plain(group)]


def forms_of(groups: Iterable[Sequence[str]]) -> tuple[Form, ...]:
    """The forms without which some of these ids would still differ."""
    groups = list(groups)

    def differ_without(form: Form) -> bool:
        others = [other for other in FORMS if other is not form]
        return any(len({alike(word, others) for word in group}) > 1 for group in groups)

    return tuple(form for form in FORMS if differ_without(form))


def forms_between(strangers: Sequence[str], known: Sequence[str]) -> tuple[Form, ...]:
    """By which forms ids differ from known ones, where most of them are known in another form; else none."""
    by_form = {alike(word): word for word in known}
    pairs = [(word, by_form[alike(word)]) for word in strangers if alike(word) in by_form]
    return forms_of(pairs) if pairs and len(pairs) > MOST_STRANGERS_LEFT * len(strangers) else ()


def tables_not_alike(workspace: Workspace, ingested: Ingested, forms: Sequence[Form]) -> list[TableName]:
    """The tables that name some customer in another form than the one which all spellings share."""
    words = ingested.history.customer_ids.tolist()
    differ = np.array([alike(word, forms) != word for word in words], dtype=np.bool_)
    return [named.table for named in named_customers(workspace, ingested) if (differ & (named.rows > 0)).any()]


def merging(own: WorkspaceTables, table: TableName, forms: Sequence[Form]) -> str:
    """The line that has a table's ids written alike."""
    expression = f"{own.expression(table, 'customer_id')}::varchar"
    for form in forms:
        expression = form.sql.format(expression)
    return own.reading(table, {"customer_id": expression})


def _is_plain(group: Sequence[str]) -> bool:
    mixes = len({word.lower() for word in group}) < len(group)
    return not mixes or any(word in {word.lower(), word.upper()} for word in group)


@dataclass(frozen=True)
class NamedCustomers:
    """How many rows of a table name each customer of the history, (customers)."""

    table: TableName
    rows: Integers

    @property
    def total(self) -> int:
        """The rows of all of them."""
        return int(self.rows.sum())


def named_customers(workspace: Workspace, ingested: Ingested) -> list[NamedCustomers]:
    """Each of the workspace's tables; `customers` names everyone once."""
    history = ingested.history
    found = [
        NamedCustomers(table, np.diff(history.tables[table].offsets)) for table in TABLES if table in history.tables
    ]
    if "customers" in workspace.config.tables:
        found.insert(0, NamedCustomers("customers", np.ones(len(history), dtype=np.int64)))
    return [named for named in found if named.table in workspace.config.tables]
