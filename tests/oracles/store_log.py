"""The store's logs written by hand, and what they come to, by a slow and obvious loop."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from models.consent.purposes import PURPOSES
from models.files.store_url import store_url
from models.ingest.overlay.packed_rows import DEPARTED, Identity, LoggedRow, content_of, identity_of, packed_rows
from models.ingest.store.store_tables import consents, events, metadata
from models.rows.tables import TABLES, TableName

Row = dict[str, Any]
Key = tuple[str, str]


def _nobody(*_: object) -> set[str]:
    return set()


class HandKeptLog:
    """A store whose rows are added one after the other. owners: to whom the workspace's tables give a row."""

    def __init__(self, directory: Path, owners: Callable[[TableName, Identity], set[str]] | None = None) -> None:
        self.url = store_url(directory)
        self.owners = owners or _nobody
        self.holds: dict[Key, tuple[str, Row]] = {}
        self.ever: dict[str, set[Key]] = {}
        self.consents: dict[str, dict[str, tuple[int, int]]] = {}
        engine = sa.create_engine(self.url)
        metadata.create_all(engine)
        engine.dispose()

    def receive(self, *arriving: tuple[TableName, str, Row]) -> None:
        """Rows of (table, customer_id, columns with instants in microseconds), in this order."""
        logged = [line for table, customer, row in arriving for line in self._lines(table, customer, row)]
        self._write(events, logged)

    def receive_over_http(self, *arriving: tuple[TableName, str, Row]) -> None:
        """The same without the rows that would count twice beside others of their order, one after the other."""
        for table, customer, row in arriving:
            if not self._counts_twice(table, customer, row):
                self.receive((table, customer, row))

    def _counts_twice(self, table: TableName, customer: str, row: Row) -> bool:
        if table != "orders" or row["amount"] < 0:
            return False
        line, held = (
            row.get("line_id"),
            [
                mine.get("line_id")
                for (of, _), (owner, mine) in self.holds.items()
                if of == table
                and owner == customer
                and mine["order_id"] == row["order_id"]
                and (mine["amount"] >= 0 or mine.get("line_id") == row.get("line_id"))
            ],
        )
        if line in held:
            return False
        return bool(held) if line is None else None in held

    def consent(self, *given: tuple[str, str, int, int]) -> None:
        """Consents of (customer_id, purpose, granted, at)."""
        for customer, purpose, granted, at in given:
            held = self.consents.setdefault(customer, {}).setdefault(purpose, (at, granted))
            if at > held[0] or (at == held[0] and granted < held[1]):
                self.consents[customer][purpose] = (at, granted)
        columns = ("customer_id", "purpose", "granted", "at")
        self._write(consents, [dict(zip(columns, consent, strict=True)) | {"received_at": 1} for consent in given])

    def packed(self, customer: str) -> str:
        """What the log comes to for one customer."""
        logged = []
        for key in self.ever.get(customer, ()):
            owner, row = self.holds[key]
            logged.append(LoggedRow(*key, content_of(row) if owner == customer else None))
        return packed_rows(logged)

    def consents_of(self, customer: str) -> dict[str, int | None]:
        """The consents that hold."""
        held = self.consents.get(customer, {})
        return {purpose: held[purpose][1] if purpose in held else None for purpose in PURPOSES}

    def customers(self) -> set[str]:
        """Who has a row or a consent now."""
        return {owner for owner, _ in self.holds.values()} | set(self.consents)

    def _lines(self, table: TableName, customer: str, row: Row) -> list[Row]:
        identity = identity_of(table, row)
        key = (table, identity)
        losing = self.owners(table, tuple(row.get(name) for name in TABLES[table].identity)) - {customer}
        departed = [owner for owner in sorted(losing) if key not in self.ever.get(owner, ())]
        for owner in (*departed, customer):
            self.ever.setdefault(owner, set()).add(key)
        self.holds[key] = (customer, row)
        line = {"table_name": table, "identity": identity, "at": row[TABLES[table].at or ""], "received_at": 1}
        return [
            *({**line, "customer_id": owner, "content": DEPARTED} for owner in departed),
            {**line, "customer_id": customer, "content": content_of(row)},
        ]

    def _write(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        engine = sa.create_engine(self.url)
        with engine.begin() as connection:
            connection.execute(sa.insert(table), rows)
        engine.dispose()


def laid_over(table: TableName, base: Sequence[Row], log: HandKeptLog) -> list[Row]:
    """The rows of base and log together, as if the base's file had been edited by hand."""
    received = [(owner, row) for (of, _), (owner, row) in log.holds.items() if of == table]
    first, *rest = TABLES[table].identity
    whole = {row[first] for _, row in received if not rest or rest[0] not in row}
    lines = {(row[first], row[rest[0]]) for _, row in received if rest and rest[0] in row}
    stay = [row for row in base if row[first] not in whole and not (rest and (row[first], row.get(rest[0])) in lines)]
    return stay + [{**row, "customer_id": owner} for owner, row in received]
