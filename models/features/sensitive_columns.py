"""Sensitive columns: which columns are sensitive, and which no model may read, not even through a derived feature."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from models.errors import WorkspaceError, did_you_mean
from models.features.language.expressions import DaysSince, Expression, Profile, rows
from models.features.language.specification import Feature
from models.rows.history import Category, Column, History
from models.workspace.tercet_toml import Sensitive


@dataclass(frozen=True, slots=True)
class SensitiveColumn:
    """A column that `[sensitive]` names; `reason` is why models may read it, None where they may not."""

    table: str
    column: str
    reason: str | None

    @property
    def name(self) -> str:
        """How findings and reports call it: "customers.gender"."""
        return f"{self.table}.{self.column}"

    def as_feature(self, history: History) -> Feature:
        """The column as it is (of an instant, the days since), for comparing groups; it enters no model."""
        values = _columns(history)[self.table, self.column]
        value: Expression = rows("attributes").last(self.column)
        if self.table == "customers":
            value = DaysSince(self.column) if self.column == "signed_up_at" else Profile(self.column)
        return Feature(
            name=self.name,
            label=self.column,
            unit="",
            group="sensitive",
            value=value,
            missing="where the column is empty, or there is no row yet",
            kind="category" if isinstance(values, Category) else "number",
        )


def sensitive_columns(sensitive: Sensitive, history: History) -> tuple[SensitiveColumn, ...]:
    """The columns that are meant, in their order: of both tables where a name says no table; case does not matter.

    Raises WorkspaceError on a name that neither table has: what it was to protect would be learnt from.
    """
    for name, like in unknown_columns(sensitive, history):
        what = f"[sensitive] names the column {name!r}, which neither customers nor attributes have{like}"
        raise WorkspaceError(what, where="tercet.toml", fix="correct the name, or take it out")
    columns: dict[tuple[str, str], SensitiveColumn] = {}
    for name in sensitive.columns:
        for table, column in _meant(name, history):
            known = columns.get((table, column))
            reason = sensitive.as_features.get(name, known.reason if known else None)
            columns[table, column] = SensitiveColumn(table, column, reason)
    return tuple(columns.values())


def unknown_columns(sensitive: Sensitive, history: History) -> Iterator[tuple[str, str]]:
    """The names that no column has, each with a hint at the nearest that one has."""
    valid = [word for table, column in _columns(history) for word in (column, f"{table}.{column}")]
    for name in sensitive.columns:
        if not _meant(name, history):
            yield name, did_you_mean(name, valid)


def kept_from_models(sensitive: Iterable[SensitiveColumn]) -> frozenset[tuple[str, str]]:
    """The columns, as (table, column), that no feature of a model may read: those without a reason."""
    return frozenset((column.table, column.column) for column in sensitive if column.reason is None)


def _columns(history: History) -> dict[tuple[str, str], Column]:
    attributes = history.tables.get("attributes")
    of_attributes = attributes.columns if attributes is not None else {}
    return {("customers", name): column for name, column in history.profile.items()} | {
        ("attributes", name): column for name, column in of_attributes.items()
    }


def _meant(name: str, history: History) -> list[tuple[str, str]]:
    wanted = name.casefold()
    return [
        (table, column)
        for table, column in _columns(history)
        if wanted in {column.casefold(), f"{table}.{column}".casefold()}
    ]
