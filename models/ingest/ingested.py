"""What reading a workspace's tables gives: the history, and an account of what was read and what was put aside."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from models.history import History
from models.ingest.mapping import Stray
from models.ingest.remedies.remedy import Remedy
from models.tables import TableName

REASONS = {
    "missing": "a column that every row needs is blank, null or NaN",
    "unreadable": "a value is no time, number, or yes or no",
    "out of range": "a number is infinite, too large to count in minor units, or outside what the column allows",
    "future": "the row's time lies after the clock on the wall",
    "ends before it starts": "`ended_at` lies before `started_at`",
    "other currency": "the row's `currency` is not the business's",
    "duplicate": "an earlier row of the source has the same identity",
    "unknown customer": "the `customers` table does not have this customer",
    "broken line": "a line of a CSV file has too few or too many fields, or a value that does not fit its column",
}
"""Why a row is put aside: the first words of `Rejection.reason`, which then names the column where there is one."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """Rows of one table that were put aside for one reason; `example` is the first of them.

    keeps_row: the rows stay, and only the value that the reason names was put aside: it is missing, or, of a consent, a
    refusal. remedy: what mends them, tried on the whole column; None where nothing that Tercet knows does. money_share:
    the share, from 0 to 1, of the absolute amount of all of the table's rows that was put aside with them, as far as it
    can be read; None where the rows are not of money, or stay.
    """

    table: TableName
    reason: str
    count: int
    example: str
    keeps_row: bool = False
    remedy: Remedy | None = None
    money_share: float | None = None


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
    own_columns: the columns that each table's source has, under its own names. strays: by table, its columns that a few
    words made categories, nearly all of whose values are numbers, or times.
    """

    history: History
    rejections: tuple[Rejection, ...]
    sources: tuple[SourceDigest, ...]
    as_of: int
    own_columns: Mapping[TableName, tuple[str, ...]] = field(default_factory=dict)
    strays: Mapping[TableName, tuple[Stray, ...]] = field(default_factory=dict)
