"""Options of the store's database driver, besides the URL."""

import sqlalchemy as sa

CONNECT_SECONDS = 5
"""How long PostgreSQL may take to answer the door, so that one that is away does not hold a thread for minutes."""


def driver_arguments(url: sa.URL) -> dict[str, str | int]:
    """The arguments of a connection; what the URL says itself stands.

    Texts go over the line in UTF-8 whatever the database was made with: from one made without an encoding (SQL_ASCII)
    the driver would give bytes.
    """
    if url.get_backend_name() != "postgresql":
        return {}
    ours: dict[str, str | int] = {"connect_timeout": CONNECT_SECONDS, "client_encoding": "utf8"}
    return {name: value for name, value in ours.items() if name not in url.query}
