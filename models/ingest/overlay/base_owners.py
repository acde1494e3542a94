"""Base owners: the customer that the workspace's own tables give a row to, in case the store gives it to another."""

import numpy as np
from numpy.typing import NDArray

from models.ingest.overlay.packed_rows import Identity
from models.ingest.store.delta import DELTA_TABLES
from models.rows.history import History, Rows
from models.rows.tables import TABLES, TableName


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

        >>> from models.ingest.overlay.base_owners import BaseOwners
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
