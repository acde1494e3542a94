"""Packed rows: one customer's rows of the log as one text, written with every event and read to score.

    {"interactions": [content, …], "orders": [content, …], "elsewhere": {"orders": [identity, …]}}

Each list is sorted by identity; what is empty is left out. `elsewhere` names the rows that were this customer's once
and are another's now. Where the workspace's own tables still have them here, they count no longer.

A row that the log has never had under this customer, but the workspace's tables do, moves away as well when it arrives
for someone else. For that, the log first gets a row of the same identity for the customer who loses it, with content
`DEPARTED`, then the row itself: so the log alone tells every customer's packed rows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from models.ingest.store.delta import DELTA_TABLES
from models.rows.history import History, Rows
from models.rows.tables import TABLES, TableName

DEPARTED = "{}"
"""The content of a row of the log that says only that this customer has lost the row."""

Identity = tuple[str | None, ...]


class LoggedRow(NamedTuple):
    """A row as the log has it last, seen from one customer; `content` is None if it is another customer's now."""

    table: str
    identity: str
    content: str | None


@dataclass(frozen=True, slots=True)
class UnpackedRows:
    """rows: by table, columns by name. elsewhere: by table, the identities of rows that went to other customers."""

    rows: Mapping[str, list[dict[str, Any]]]
    elsewhere: Mapping[str, list[Identity]]


def identity_of(table: TableName, row: Mapping[str, Any]) -> str:
    """The row's identity as `events.identity` keeps it: a JSON list, null for a column that it does not have.

    >>> identity_of("orders", {"order_id": "o1", "amount": 5})
    '["o1",null]'
    """
    return orjson.dumps([row.get(column) for column in TABLES[table].identity]).decode()


def content_of(row: Mapping[str, Any]) -> str:
    """The row as `events.content` keeps it: JSON sorted by name, without what is missing and without the customer.

    >>> content_of({"order_id": "o1", "customer_id": "a", "margin": None, "amount": 5.5, "ordered_at": 0})
    '{"amount":5.5,"order_id":"o1","ordered_at":0}'
    """
    kept = {name: value for name, value in row.items() if value is not None and name != "customer_id"}
    return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode()


def packed_rows(rows: Iterable[LoggedRow]) -> str:
    """The text of `customer_states.packed`: all rows that the log ever had under one customer, in any order.

    >>> packed_rows([LoggedRow("orders", '["b",null]', '{"amount":1}'), LoggedRow("orders", '["a",null]', None)])
    '{"orders":[{"amount":1}],"elsewhere":{"orders":[["a",null]]}}'
    """
    here: dict[str, list[str]] = {}
    elsewhere: dict[str, list[str]] = {}
    for table, identity, content in sorted(rows, key=lambda row: row[:2]):
        if content is None:
            elsewhere.setdefault(table, []).append(identity)
        else:
            here.setdefault(table, []).append(content)
    parts = _listed(here) + ([f'"elsewhere":{{{",".join(_listed(elsewhere))}}}'] if elsewhere else [])
    return f"{{{','.join(parts)}}}"


def _listed(texts: Mapping[str, list[str]]) -> list[str]:
    return [f'"{table}":[{",".join(of_table)}]' for table, of_table in texts.items()]


def unpack_rows(packed: str) -> UnpackedRows:
    """What `packed_rows` packed."""
    rows: dict[str, Any] = orjson.loads(packed)
    elsewhere = rows.pop("elsewhere", {})
    return UnpackedRows(rows, {table: [tuple(identity) for identity in found] for table, found in elsewhere.items()})


class BaseOwners:
    """An index on the identities of a base that was read with `with_delta=False`; 16 bytes a row.

    Texts are found by their hash and then compared, since sorting ten million of them would take a minute.
    """

    def __init__(self, base: History) -> None:
        self._base = base
        self._hashes: dict[TableName, NDArray[np.int64]] = {}
        self._places: dict[TableName, NDArray[np.intp]] = {}
        for table in DELTA_TABLES:
            if table in base.tables:
                texts = self._rows(table).identities[TABLES[table].identity[0]]
                hashes = np.fromiter((hash(text) for text in texts), np.int64, len(texts))
                self._places[table] = np.argsort(hashes)
                self._hashes[table] = hashes[self._places[table]]

    def of(self, table: TableName, identity: Identity) -> set[str]:
        """The customers who have this row in the base: none, one, or for a whole order perhaps several.

        >>> from models.ingest.overlay.packed_rows import BaseOwners
        >>> BaseOwners(History(np.array(["a"], dtype=object), {})).of("orders", ("o1", None))
        set()
        """
        if table not in self._hashes:
            return set()
        first, *rest = identity
        low, high = (int(np.searchsorted(self._hashes[table], hash(first), side=side)) for side in ("left", "right"))
        rows, columns = self._rows(table), TABLES[table].identity
        found = [place for place in self._places[table][low:high] if rows.identities[columns[0]][place] == first]
        if rest and rest[0] is not None:
            lines = rows.identities.get(columns[1])
            found = [place for place in found if lines is not None and lines[place] == rest[0]]
        owners = np.searchsorted(rows.offsets, found, side="right") - 1
        return set(self._base.customer_ids[owners].tolist())

    def _rows(self, table: TableName) -> Rows:
        return self._base.tables[table]
