"""Flawed rows: a few of each kind of dirty data, so that preflight and ingest have findings to report."""

from collections.abc import Callable

import pandas as pd

Tables = dict[str, pd.DataFrame]

FUTURE = 2_903_040_000_000_000  # 2061-12-29
LONG_AGO_BORN, NOT_YET_BORN = 1850, 2031


def with_flaws(tables: Tables) -> Tables:
    """The same tables with the dirty rows at their ends; a fixed choice of rows, none of them large."""
    return {name: pd.concat([table, *stains(name, table)], ignore_index=True) for name, table in tables.items()}


def stains(name: str, table: pd.DataFrame) -> list[pd.DataFrame]:
    """The dirty rows of one table, each kind made from clean rows of its own."""
    kinds: dict[str, list[Callable[[pd.DataFrame], pd.DataFrame]]] = {
        "customers": [
            lambda rows: rows.assign(region="south"),  # the same customer twice, with different words
            lambda rows: rows.assign(customer_id=None),
            lambda rows: rows.assign(customer_id="X" + rows["customer_id"], birth_year=LONG_AGO_BORN),
            lambda rows: rows.assign(customer_id="Y" + rows["customer_id"], birth_year=NOT_YET_BORN),
            lambda rows: rows.assign(customer_id="Z" + rows["customer_id"], signed_up_at=FUTURE),
        ],
        "orders": [
            lambda rows: rows,  # exact duplicates
            lambda rows: rows.assign(order_id="D" + rows["order_id"], customer_id=None),
            lambda rows: rows.assign(order_id="E" + rows["order_id"], customer_id=" "),
            lambda rows: rows.assign(order_id="F" + rows["order_id"], customer_id="stranger"),  # not in customers
            lambda rows: rows.assign(order_id="G" + rows["order_id"], ordered_at=None),
            lambda rows: rows.assign(order_id="H" + rows["order_id"], ordered_at=FUTURE),
            lambda rows: rows.assign(order_id="J" + rows["order_id"], amount=None),
            lambda rows: rows.assign(order_id=None),
        ],
        "interactions": [
            lambda rows: rows,
            lambda rows: rows.assign(interaction_id="D" + rows["interaction_id"], at="yesterday"),
            lambda rows: rows.assign(interaction_id="E" + rows["interaction_id"], at="2025-02-30T10:00:00Z"),
            lambda rows: rows.assign(interaction_id="F" + rows["interaction_id"], at="2061-12-29T00:00:00Z"),
            lambda rows: rows.assign(interaction_id="G" + rows["interaction_id"], customer_id="stranger"),
            lambda rows: rows.assign(interaction_id="H" + rows["interaction_id"], customer_id=None),
            lambda rows: rows.assign(interaction_id="J" + rows["interaction_id"], kind=None),
        ],
        "subscriptions": [
            lambda rows: rows,
            lambda rows: rows.assign(started_at=None),
            lambda rows: rows.assign(ended_at=rows["started_at"] - 86_400_000_000),  # ends before it starts
            lambda rows: rows.assign(customer_id="stranger"),
            lambda rows: rows.assign(started_at=FUTURE, ended_at=None),
        ],
        "contacts": [
            lambda rows: rows,
            lambda rows: rows.assign(decision_id="D" + rows["decision_id"], propensity=1.7),
            lambda rows: rows.assign(decision_id="E" + rows["decision_id"], customer_id="stranger"),
            lambda rows: rows.assign(decision_id="F" + rows["decision_id"], at=FUTURE),
        ],
        "attributes": [
            lambda rows: rows,
            lambda rows: rows.assign(customer_id="stranger"),
        ],
    }
    spoilt = []
    for kind, spoil in enumerate(kinds[name]):
        some = table.iloc[7 + 3 * kind :: max(1, len(table) // 3)].head(3)
        spoilt.append(spoil(some))
    return spoilt
