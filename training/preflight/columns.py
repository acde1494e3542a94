"""Findings about tables and columns: empty, constant, missing, too many words, impossible years, not there."""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np

from models.features.expressions import MONEY
from models.features.sensitive import unknown_columns
from models.history import Category, Column, History
from models.ingest import Ingested
from models.nearest import nearest
from models.workspace import Workspace
from training.preflight.finding import Finding

_OLDEST_BIRTH_YEAR = 1900
_MANY_WORDS = 100


def column_findings(workspace: Workspace, ingested: Ingested) -> Iterator[Finding]:
    """What is odd about whole tables and columns."""
    history = ingested.history
    for table, rows in history.tables.items():
        if len(rows.at) == 0:
            fix = f"check its source and `where`, or take [tables.{table}] out"
            yield Finding("W203", table, "the table has no usable rows", 0, f"tables.{table}", fix)
            continue
        for name, column in rows.columns.items():
            if not (table == "orders" and name == "order"):
                yield from _uniform(f"{table}.{name}", in_major_units(history, table, name, column))
    for name, column in history.profile.items():
        if name != "signed_up_at" or "customers" in workspace.config.tables:
            yield from _uniform(f"customers.{name}", column)
    yield from _wordy(history)
    yield from _birth_years(history, ingested.as_of)
    yield from _not_there(workspace, ingested)
    yield from _not_sensitive(workspace, ingested)


def in_major_units(history: History, table: str, name: str, column: Column) -> Column:
    """Amounts as the source has them; any other column as it is."""
    if isinstance(column, Category) or (table, name) not in MONEY:
        return column
    return column / history.minor_units


def _uniform(subject: str, column: Column) -> Iterator[Finding]:
    values = column.codes if isinstance(column, Category) else column
    known = values[values >= 0] if isinstance(column, Category) else values[~np.isnan(values)]
    if len(known) == 0:
        fix = "check the expression under `columns`, or exclude the column"
        yield Finding("W202", subject, "no row has a value", len(values), f"all {len(values):,} rows", fix)
    elif len(known) == len(values) > 1 and (known == known[0]).all():
        only = column.vocabulary[known[0]] if isinstance(column, Category) else f"{known[0]:.15g}"
        fix = "nothing can be learnt from it: exclude it, or check that the source is whole"
        yield Finding("W201", subject, "every row has the same value", len(values), repr(only), fix)


def _wordy(history: History) -> Iterator[Finding]:
    tables = {"customers": history.profile}
    if "attributes" in history.tables:
        tables["attributes"] = history.tables["attributes"].columns
    for table, columns in tables.items():
        for name, column in columns.items():
            words = len(column.vocabulary) if isinstance(column, Category) else 0
            if words > _MANY_WORDS and words > len(history) / 2:
                message = f"{words:,} words among {len(history):,} customers: an id or free text, not a category"
                fix = f"exclude it under [tables.{table}], or map what matters of it under `columns`"
                yield Finding("W205", f"{table}.{name}", message, words, f"the column {name}", fix)


def _birth_years(history: History, as_of: int) -> Iterator[Finding]:
    years = history.profile.get("birth_year")
    if not isinstance(years, np.ndarray):
        return
    this_year = datetime.fromtimestamp(as_of / 1_000_000, tz=UTC).year
    wrong = np.flatnonzero((years < _OLDEST_BIRTH_YEAR) | (years > this_year))
    if len(wrong):
        example = f"customer {history.customer_ids[wrong[0]]}"
        message = f"{len(wrong):,} birth years lie before {_OLDEST_BIRTH_YEAR} or after {this_year}"
        fix = 'blank them: birth_year = "if(birth_year between 1900 and 2026, birth_year, null)" under `columns`'
        yield Finding("W206", "customers.birth_year", message, len(wrong), example, fix)


def _not_there(workspace: Workspace, ingested: Ingested) -> Iterator[Finding]:
    for table, settings in workspace.config.tables.items():
        own = ingested.own_columns.get(table, ())
        folded = {column.casefold() for column in own}
        for column in settings.exclude:
            if column.casefold() not in folded:
                message = f"the source has no column '{column}' to exclude{nearest(column, own)}"
                fix = "correct the name: under another name it is learnt from"
                yield Finding("W207", f"{table}.{column}", message, 1, f"'{column}'", fix)


def _not_sensitive(workspace: Workspace, ingested: Ingested) -> Iterator[Finding]:
    for name, like in unknown_columns(workspace.config.sensitive, ingested.history):
        message = f"[sensitive] names the column '{name}', which neither customers nor attributes have{like}"
        fix = "correct the name, or take it out: under another name it is learnt from"
        yield Finding("E208", name, message, 1, f"'{name}'", fix)
