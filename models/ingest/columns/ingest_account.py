"""Ingest account: the history that was read, with what was read and what was rejected."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from models.ingest.columns.kind_mismatches import KindMismatch
from models.ingest.columns.mapped_column import StrayValue
from models.rows.exchange_rates import ExchangeRates
from models.rows.history import History
from models.rows.tables import TableName
from models.workspace.remedy import Remedy

REASONS = {
    "missing": "a column that every row needs is blank, null or NaN",
    "unreadable": "a value is no time, number, or yes or no",
    "out of range": "a number is infinite, too large to count in minor units, or outside what the column allows",
    "future": "the row's time lies after the clock on the wall",
    "ends before it starts": "`ended_at` lies before `started_at`",
    "other currency": "the row's `currency` is not the business's",
    "no rate": "the table `rates` has no rate for the row's `currency` at or before its time",
    "own currency": "a row of `rates` gives the business's own currency a rate that is not 1",
    "duplicate": "an earlier row of the source has the same identity",
    "unknown customer": "the `customers` table does not have this customer",
    "broken line": "a line of a CSV file has too few or too many fields, or a value that does not fit its column",
}
"""Why a row is rejected: the first words of `RejectedRows.reason`, which then names the column where there is one."""


@dataclass(frozen=True, slots=True)
class RejectedRows:
    """Rows of one table that were rejected for one reason; `example` is the first of them.

    keeps_row: the rows stay, and only the value that the reason names was rejected: it is missing, or, of a consent, a
    refusal. in_store: they are rows that the service had received. remedy: of them, tried on the whole column;
    None where no known remedy does. money_share: the share, from 0 to 1, of the absolute amount of all of the
    table's rows that was rejected with them, as far as it can be read; None where the rows are not of money, or stay.
    values: the different values refused, in full, trimmed, '' for null; none where that was not asked, where there are
    more than 20, or where the reason does not hang on one value.
    """

    table: TableName
    reason: str
    count: int
    example: str
    keeps_row: bool = False
    money_share: float | None = None
    in_store: bool = False
    remedy: Remedy | None = None
    values: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """The file in `rejected/` that has the rows."""
        return f"{self.table}_in_store.parquet" if self.in_store else f"{self.table}.parquet"

    @property
    def first(self) -> str:
        """The position of the first of them, such as "row 17", without its value, which may be personal."""
        return self.example.partition(":")[0]


@dataclass(frozen=True, slots=True)
class PeopleLeftOut:
    """People who are only in rejected rows, so that the history does not have them: how many, and the
    first ids of them, ascending.
    """

    people: int = 0
    first: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IngestAccount:
    """The account of everything that was rejected: rows and values, people who are left out with them,
    and columns that do not hold what the models learnt them as.
    """

    rejections: tuple[RejectedRows, ...] = ()
    left_out: PeopleLeftOut = PeopleLeftOut()
    kind_mismatches: tuple[KindMismatch, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceDigest:
    """What a table was read from: the source as `tercet.toml` names it, the SHA-256 of its bytes (of a database: of
    the rows it gave), and how many rows it had after `where`. "store": what the service received on top of the tables.
    """

    table: TableName | Literal["store"]
    source: str
    sha256: str
    rows: int

    @property
    def without_password(self) -> str:
        """The source as it may be shown and recorded."""
        return re.sub(r"(://[^:/@]*):[^@/]*@", r"\1:***@", self.source)


@dataclass(frozen=True)
class Ingested:
    """A workspace's history with its account.

    as_of: the instant from which everything is computed unless another is asked for, by the clock of `[business]`.
    own_columns: the columns that each table's source has, under its own names. left_out: of whom there were only rows
    that were rejected. kind_mismatches: columns that do not hold what the models learnt them as, where that was asked.
    strays: by table, its columns that a few words made categories, nearly all of whose values are numbers, or times.
    rates: by which amounts in other currencies were converted; None where the workspace has no such table.
    """

    history: History
    rejections: tuple[RejectedRows, ...]
    sources: tuple[SourceDigest, ...]
    as_of: int
    own_columns: Mapping[TableName, tuple[str, ...]] = field(default_factory=dict)
    left_out: PeopleLeftOut = PeopleLeftOut()
    kind_mismatches: tuple[KindMismatch, ...] = ()
    strays: Mapping[TableName, tuple[StrayValue, ...]] = field(default_factory=dict)
    rates: ExchangeRates | None = None

    @property
    def account(self) -> IngestAccount:
        """All rejected rows and values."""
        return IngestAccount(self.rejections, self.left_out, self.kind_mismatches)
