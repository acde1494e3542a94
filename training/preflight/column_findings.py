"""Findings about tables and columns: empty, constant, missing, too many words, impossible years, not there."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches

import numpy as np

from models.errors import did_you_mean
from models.features.language.expressions import MONEY
from models.features.sensitive_columns import unknown_columns
from models.ingest import Ingested
from models.ingest.encoding.history_encoding import RENAMED
from models.rows.history import Category, Column, History
from models.rows.instants import format_instant
from models.rows.tables import TABLES, TableName
from models.workspace import Workspace
from models.workspace.remedy import setting
from training.findings.finding import Finding
from training.preflight.toml_fixes import WorkspaceTables, accepting

_OLDEST_BIRTH_YEAR = 1900
_MANY_WORDS = 100


def column_findings(workspace: Workspace, ingested: Ingested) -> Iterator[Finding]:
    """What is odd about whole tables and columns."""
    history, own = ingested.history, WorkspaceTables(workspace, ingested)
    for table, columns in _columns(history).items():
        if table != "customers" and len(history.tables[table].at) == 0:
            if any(rejection.table == table for rejection in ingested.rejections):
                continue  # all of its rows were rejected, which another finding reports with the reason
            yield _without_rows(table)
            continue
        for name, column in columns.items():
            if own.has(table, name) and not own.is_blanked(table, name):
                yield from _uniform(history, own, table, name, column)
    yield from (_without_rows("rates") for source in ingested.sources if source.table == "rates" and not source.rows)
    yield from _wordy(history, own)
    yield from _birth_years(history, ingested.as_of, own)
    yield from _not_there(workspace, ingested)
    yield from _not_sensitive(workspace, ingested)


def _columns(history: History) -> dict[TableName, dict[str, Column]]:
    """The columns of every table that hold something else than ids."""
    found: dict[TableName, dict[str, Column]] = {}
    for table, contract in TABLES.items():
        columns = history.profile if table == "customers" else None
        if table in history.tables:
            columns = history.tables[table].columns
        if columns is not None:
            told = {own: contract_name for contract_name, own in RENAMED.items()}
            ids = {column.name for column in contract.columns if column.kind == "id"} | {"order"}
            found[table] = {told.get(name, name): column for name, column in columns.items() if name not in ids}
    return found


def _without_rows(table: TableName) -> Finding:
    fix = f"check its source and `where`, or take [tables.{table}] out; if it is to be so, accept it"
    change = accepting(f"W203:{table}", "nothing is recorded there yet")
    what, example = "the table has no usable rows", f"tables.{table}"
    return Finding("W203", table, what, fix, count=0, example=example, change=change)


def _uniform(history: History, own: WorkspaceTables, table: TableName, name: str, column: Column) -> Iterator[Finding]:
    subject = f"{table}.{name}"
    values = column.codes if isinstance(column, Category) else column
    known = values[values >= 0] if isinstance(column, Category) else values[~np.isnan(values)]
    change = own.without(table, name)
    if len(known) == 0:
        fix = "check the source and the expression under `columns`, or leave the column out"
        what, example = "no row has a value", f"all {len(values):,} rows"
        yield Finding("W202", subject, what, fix, count=len(values), example=example, change=change)
    elif len(known) == len(values) > 1 and (known == known[0]).all():
        fix = "nothing can be learnt from it: leave it out, or check that the source is whole"
        if not change:
            fix = "check that the source is whole; every row needs this column, so if it is to be so, accept it"
            change = accepting(f"W201:{subject}", "it is the same for all of them")
        what, example = "every row has the same value", repr(_shown(history, table, name, column))
        yield Finding("W201", subject, what, fix, count=len(values), example=example, change=change)


def _shown(history: History, table: TableName, name: str, column: Column) -> str:
    """The first known value as the user would write it: times and days as such, amounts in the major unit."""
    if isinstance(column, Category):
        return str(column.vocabulary[column.codes[column.codes >= 0][0]])
    value = float(column[~np.isnan(column)][0])
    spec = TABLES[table].column(name)
    if spec is not None and spec.kind == "instant":
        return format_instant(int(value))
    if (table, name) in history.days:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=value)).date().isoformat()
    return f"{value / history.minor_units if (table, name) in MONEY else value:.15g}"


def _wordy(history: History, own: WorkspaceTables) -> Iterator[Finding]:
    for table, columns in _columns(history).items():
        if not TABLES[table].open:
            continue
        for name, column in columns.items():
            words = len(column.vocabulary) if isinstance(column, Category) else 0
            if words > _MANY_WORDS and words > len(history) / 2:
                what = f"{words:,} words among {len(history):,} customers: an id or free text, not a category"
                fix = "leave it out, or map what matters of it under `columns`"
                change = own.without(table, name)
                yield Finding(
                    "W205", f"{table}.{name}", what, fix, count=words, example=f"the column {name}", change=change
                )


def _birth_years(history: History, as_of: int, own: WorkspaceTables) -> Iterator[Finding]:
    years = history.profile.get("birth_year")
    if not isinstance(years, np.ndarray):
        return
    this_year = datetime.fromtimestamp(as_of / 1_000_000, tz=UTC).year
    wrong = np.flatnonzero((years < _OLDEST_BIRTH_YEAR) | (years > this_year))
    if len(wrong):
        example = f"customer {history.customer_ids[wrong[0]]}"
        what = f"{len(wrong):,} birth years lie before {_OLDEST_BIRTH_YEAR} or after {this_year}"
        year = own.expression("customers", "birth_year")
        possible = f"try_cast({year} as double) between {_OLDEST_BIRTH_YEAR} and {this_year}"
        change = own.reading("customers", {"birth_year": f"case when {possible} then {year} end"})
        fix = "correct them in the source, or blank them"
        yield Finding("W206", "customers.birth_year", what, fix, count=len(wrong), example=example, change=change)


def _not_there(workspace: Workspace, ingested: Ingested) -> Iterator[Finding]:
    for table, settings in workspace.config.tables.items():
        own = ingested.own_columns.get(table, ())
        folded = {column.casefold(): column for column in own}
        for column in settings.exclude:
            if column.casefold() not in folded:
                what = f"the source has no column '{column}' to exclude{did_you_mean(column, own)}"
                fix = "correct the name: under another name it is learnt from"
                meant = [folded[near] for near in get_close_matches(column.casefold(), folded, n=1)]
                others = [other for other in settings.exclude if other != column]
                change = setting(f"tables.{table}", {"exclude": list(dict.fromkeys([*others, *meant]))})
                yield Finding("W207", f"{table}.{column}", what, fix, count=1, example=f"'{column}'", change=change)


def _not_sensitive(workspace: Workspace, ingested: Ingested) -> Iterator[Finding]:
    sensitive, history = workspace.config.sensitive, ingested.history
    there = {name.casefold(): name for table in _columns(history).values() for name in table}
    for name, like in unknown_columns(sensitive, history):
        what = f"[sensitive] names the column '{name}', which neither customers nor attributes have{like}"
        fix = "correct the name, or take it out: under another name it is learnt from"
        meant = [there[near] for near in get_close_matches(name.split(".")[-1].casefold(), there, n=1)]
        others = [other for other in sensitive.columns if other != name]
        values: dict[str, object] = {"columns": list(dict.fromkeys([*others, *meant]))}
        if name in sensitive.as_features:
            reasons = {column: why for column, why in sensitive.as_features.items() if column != name}
            values["as_features"] = reasons | dict.fromkeys(meant, sensitive.as_features[name])
        yield Finding("E208", name, what, fix, count=1, example=f"'{name}'", change=setting("sensitive", values))
