"""Channel consents in the store: the consent that a channel needed by the policy that decided."""

from typing import Any

import orjson
import sqlalchemy as sa

from models.ingest.store.store_tables import policies


def consents_needed(connection: sa.Connection, versions: "sa.Select[Any] | list[str]") -> dict[tuple[str, str], str]:
    """By policy version and channel, the consent that the channel needs; of these versions that have decided."""
    query = sa.select(policies.c.policy_version, policies.c.content).where(policies.c.policy_version.in_(versions))
    return {
        (version, name): channel["consent"]
        for version, content in connection.execute(query)
        for name, channel in orjson.loads(content)["channels"].items()
    }
