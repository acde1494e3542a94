"""Column references: a column's name in an SQL expression of `tercet.toml`, quoted only where needed."""

import re
from functools import lru_cache

from models.ingest.sql.duckdb_session import open_engine
from models.ingest.sql.quoting import name


def plain_name(column: str) -> str:
    """The name, quoted if it has other signs than letters, digits and underscores, or is a word of SQL.

    >>> plain_name("CustomerID"), plain_name("Customer ID"), plain_name("order")
    ('CustomerID', '"Customer ID"', '"order"')
    """
    is_plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", column) and column.casefold() not in _words()
    return column if is_plain else name(column)


@lru_cache(maxsize=1)
def _words() -> frozenset[str]:
    with open_engine() as connection:
        query = "select keyword_name from duckdb_keywords() where keyword_category <> 'unreserved'"
        return frozenset(word for (word,) in connection.execute(query).fetchall())
