"""Customer states: the logs folded by customer, updated within each write and rebuildable from the logs alone."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from models.consent.purposes import CONSENT_COLUMNS, PURPOSES
from models.ingest.overlay.packed_rows import DEPARTED, LoggedRow, packed_rows
from models.ingest.store.newest_consents import newest_consents_query
from models.ingest.store.store_tables import consents, customer_states, events
from service.store.database.concurrent_writes import NOTHING_PACKED
from service.store.database.engine import writing

MOST_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class LastConsent:
    """A consent as the log has it last. Instant in microseconds UTC."""

    granted: bool
    at: int
    source: str | None


def every_row_ever() -> sa.Select[Any]:
    """All identities that the log ever had under `customer_ids`, with the row that it has last of each."""
    had = sa.select(events.c.customer_id.label("had_by"), events.c.table_name, events.c.identity).distinct()
    theirs = had.where(events.c.customer_id.in_(sa.bindparam("customer_ids", expanding=True))).subquery()
    later = events.alias()
    last = (
        sa.select(sa.func.max(later.c.sequence))
        .where(later.c.table_name == theirs.c.table_name, later.c.identity == theirs.c.identity)
        .correlate(theirs)
        .scalar_subquery()
    )
    return sa.select(theirs.c.had_by, events).join_from(theirs, events, events.c.sequence == last)


EVERY_ROW_EVER = every_row_ever()
"""Put together once: that takes longer than the database needs to answer it."""
CONSENTS_OF_EVERYONE = newest_consents_query()
CONSENTS_OF_SOME = newest_consents_query(consents.c.customer_id.in_(sa.bindparam("customer_ids", expanding=True)))


def refresh_rows(connection: sa.Connection, changes: Mapping[str, int]) -> None:
    """Bring the packed rows of customers up to date within the transaction that added to the log of events.

    changes: how many rows about each customer were added. The caller holds the customers' lock.
    """
    for some in in_parts(sorted(changes)):
        _keep(connection, changes, rows_in_states(connection, some))


def refresh_consents(connection: sa.Connection, changes: Mapping[str, int]) -> None:
    """The same for consents, and the log of those."""
    for some in in_parts(sorted(changes)):
        blank = {"packed": NOTHING_PACKED}
        _keep(connection, changes, [blank | state for state in consents_in_states(connection, some)], left=blank)


def _keep(
    connection: sa.Connection,
    changes: Mapping[str, int],
    states: Sequence[Mapping[str, Any]],
    left: Collection[str] = (),
) -> None:
    """Write parts of states; the columns named in `left` only for customers who have no state yet."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    adding = dialect.insert(customer_states)
    new = {name: adding.excluded[name] for name in states[0] if name not in {"customer_id", *left}}
    new["version"] = customer_states.c.version + adding.excluded.version
    kept = adding.on_conflict_do_update(index_elements=["customer_id"], set_=new)
    connection.execute(kept, [{**state, "version": changes[state["customer_id"]]} for state in states])


def rebuild_states(store: sa.Engine) -> int:
    """Make all states anew from the logs, and say how many there are. Writers wait, readers see old states or new."""
    with writing(store) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("LOCK TABLE customer_states IN EXCLUSIVE MODE"))
        versions = versions_by_the_logs(connection)
        connection.execute(sa.delete(customer_states))
        for some in in_parts(sorted(versions)):
            pairs = zip(rows_in_states(connection, some), consents_in_states(connection, some), strict=True)
            rows = [{**rows, **said, "version": versions[rows["customer_id"]]} for rows, said in pairs]
            connection.execute(sa.insert(customer_states), rows)
    return len(versions)


def rows_in_states(connection: sa.Connection, customer_ids: Sequence[str]) -> list[dict[str, Any]]:
    """The current rows of each customer, from the log of events."""
    logged, newest = rows_of(connection, customer_ids)
    return [
        {"customer_id": one, "packed": packed_rows(logged[one]), "newest_at": newest.get(one)} for one in customer_ids
    ]


def consents_in_states(connection: sa.Connection, customer_ids: Sequence[str]) -> list[dict[str, Any]]:
    """The current consents of each customer, from the log of consents."""
    given = newest_consents(connection, customer_ids)
    return [
        {"customer_id": one}
        | {
            column: int(given[one, purpose].granted) if (one, purpose) in given else None
            for purpose, column in zip(PURPOSES, CONSENT_COLUMNS, strict=True)
        }
        for one in customer_ids
    ]


def rows_of(
    connection: sa.Connection, customer_ids: Sequence[str]
) -> tuple[dict[str, list[LoggedRow]], dict[str, int]]:
    """All rows that the log ever had under each customer, as they are now, and the newest instant of what they hold."""
    rows: dict[str, list[LoggedRow]] = {customer_id: [] for customer_id in customer_ids}
    newest: dict[str, int] = {}
    for row in connection.execute(EVERY_ROW_EVER, {"customer_ids": list(customer_ids)}):
        held = row.customer_id == row.had_by
        rows[row.had_by].append(LoggedRow(row.table_name, row.identity, row.content if held else None))
        if held:
            newest[row.had_by] = max(row.at, newest.get(row.had_by, row.at))
    return rows, newest


def newest_consents(
    connection: sa.Connection, customer_ids: Collection[str] | None
) -> dict[tuple[str, str], LastConsent]:
    """By customer and purpose what was said last; at one instant a refusal. None for everyone."""
    if customer_ids is None:
        found = list(connection.execute(CONSENTS_OF_EVERYONE))
    else:
        parts = in_parts(sorted(customer_ids))
        found = [row for some in parts for row in connection.execute(CONSENTS_OF_SOME, {"customer_ids": some})]
    return {(row.customer_id, row.purpose): LastConsent(bool(row.granted), row.at, row.source) for row in found}


def versions_by_the_logs(connection: sa.Connection) -> Counter[str]:
    """How many rows of the logs are about each customer: their own, and those that took one of theirs away."""
    found: Counter[str] = Counter(connection.execute(sa.select(consents.c.customer_id)).scalars())
    query = sa.select(events.c.table_name, events.c.identity, events.c.customer_id, events.c.content)
    holder: dict[tuple[str, str], str] = {}
    for table, identity, customer_id, content in connection.execute(query.order_by(events.c.sequence)):
        found[customer_id] += 1
        if content == DEPARTED:
            continue
        before = holder.get((table, identity), customer_id)
        if before != customer_id:
            found[before] += 1
        holder[table, identity] = customer_id
    return found


def in_parts(customer_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many at once as a statement can carry."""
    for start in range(0, len(customer_ids), MOST_AT_ONCE):
        yield customer_ids[start : start + MOST_AT_ONCE]
