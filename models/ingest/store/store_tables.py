"""The store's tables: keys, what the service receives (the delta beside the workspace's own tables), what it decides.

`events` and `consents` are logs: rows are added, never changed, and the highest `sequence` of an identity holds.
`customer_states` is what the logs come to, by customer, rebuilt from them bit for bit. Instants are microseconds UTC.
"""

import sqlalchemy as sa

from models.consent.purposes import CONSENT_COLUMNS

metadata = sa.MetaData()

keys = sa.Table(
    "keys",
    metadata,
    sa.Column("key_id", sa.String(16), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("secret_sha256", sa.String(64), nullable=False),
    sa.Column("scopes", sa.String(200), nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger),
    sa.Column("revoked_at", sa.BigInteger),
)
"""Bearer keys: the secret's hash only; scopes separated by blanks."""

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")

events = sa.Table(
    "events",
    metadata,
    sa.Column("sequence", _SEQUENCE, primary_key=True, autoincrement=True),
    sa.Column("table_name", sa.String(20), nullable=False),
    sa.Column("identity", sa.String(500), nullable=False),
    sa.Column("customer_id", sa.String(200), nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("received_at", sa.BigInteger, nullable=False),
    sa.Index("events_by_identity", "table_name", "identity", "sequence"),
    sa.Index("events_by_customer", "customer_id"),
    sqlite_autoincrement=True,
)
"""Rows of `orders` and `interactions` as they came. identity: the JSON list of the row's identity. content: the JSON of
the row's columns, sorted by name, without what is missing and without the customer; its instant in microseconds, its
money in the major unit (`models.ingest.overlay.packed_rows` writes both)."""

consents = sa.Table(
    "consents",
    metadata,
    sa.Column("sequence", _SEQUENCE, primary_key=True, autoincrement=True),
    sa.Column("customer_id", sa.String(200), nullable=False),
    sa.Column("purpose", sa.String(20), nullable=False),
    sa.Column("granted", sa.SmallInteger, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("source", sa.String(200)),
    sa.Column("received_at", sa.BigInteger, nullable=False),
    sa.Index("consents_by_customer", "customer_id", "purpose", "at"),
    sqlite_autoincrement=True,
)
"""Every consent given (1) or refused (0), by purpose. Which holds: `models.consent.consent_precedence`."""

customer_states = sa.Table(
    "customer_states",
    metadata,
    sa.Column("customer_id", sa.String(200), primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("packed", sa.Text, nullable=False),
    sa.Column("newest_at", sa.BigInteger, index=True),
    *(sa.Column(column, sa.SmallInteger) for column in CONSENT_COLUMNS),
)
"""What the logs come to for one customer. version: counts what changed. packed: the JSON of their rows that hold, by
table, each list sorted by identity. newest_at: the newest instant among them. Consents: 1, 0, null if not recorded."""

policies = sa.Table(
    "policies",
    metadata,
    sa.Column("policy_version", sa.String(12), primary_key=True),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("first_used_at", sa.BigInteger, nullable=False),
)
"""What each policy that has decided said, as JSON, defaults included."""

DECISION_ID_PREFIX = "dec_"
"""What ids of decisions begin with: those of other systems in the table `contacts` do not."""

decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("decision_id", sa.String(40), primary_key=True),
    sa.Column("run_id", sa.String(40)),
    sa.Column("customer_id", sa.String(200), nullable=False),
    sa.Column("decided_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Column("as_of", sa.BigInteger, nullable=False),
    sa.Column("action", sa.String(60), nullable=False),
    sa.Column("channel", sa.String(60), nullable=False),
    sa.Column("arm", sa.String(20), nullable=False),
    sa.Column("assignment_probability", sa.Float, nullable=False),
    sa.Column("expected_margin", sa.BigInteger, nullable=False),
    sa.Column("expected_cost", sa.BigInteger, nullable=False),
    sa.Column("effect_source", sa.String(20), nullable=False),
    sa.Column("bundle_version", sa.String(60), nullable=False),
    sa.Column("policy_version", sa.String(12), nullable=False),
    sa.Column("trace", sa.Text, nullable=False),
    sa.Index("decisions_by_customer", "customer_id", "decided_at"),
    sa.Index("decisions_by_run", "run_id", "customer_id"),
)
"""Every decision, held-out ones included. arm: "policy", "exploration" or "holdout". expected_margin, and what of it
contact and offer cost (at least 0): minor units. trace: the JSON of the funnel: candidates, what was rejected at which
stage and why, terms, weights, context."""

feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("feedback_id", sa.String(200), primary_key=True),
    sa.Column("decision_id", sa.String(40), nullable=False, index=True),
    sa.Column("outcome", sa.String(20), nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("value", sa.BigInteger),
    sa.Column("received_at", sa.BigInteger, nullable=False),
)
"""Outcomes of decisions, in the words of `models.decisions.contacts.feedback_outcomes`. value: minor units."""

answered_requests = sa.Table(
    "answered_requests",
    metadata,
    sa.Column("idempotency_key", sa.String(300), primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("answered_at", sa.BigInteger, nullable=False, index=True),
)
"""The answers to decision requests that carried an `Idempotency-Key`, to be given again to a retry. The key is stored
together with the caller's key id; fingerprint: the SHA-256 of the request's body."""
