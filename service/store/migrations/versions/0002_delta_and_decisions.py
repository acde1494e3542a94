"""Events, consents, decisions and feedback."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the logs, what they come to, and the tables of decisions."""
    op.create_table(
        "events",
        sa.Column("sequence", SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("table_name", sa.String(20), nullable=False),
        sa.Column("identity", sa.String(500), nullable=False),
        sa.Column("customer_id", sa.String(200), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("events_by_identity", "events", ["table_name", "identity", "sequence"])
    op.create_index("events_by_customer", "events", ["customer_id"])
    op.create_table(
        "consents",
        sa.Column("sequence", SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("customer_id", sa.String(200), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("granted", sa.SmallInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("source", sa.String(200)),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("consents_by_customer", "consents", ["customer_id", "purpose", "at"])
    op.create_table(
        "customer_states",
        sa.Column("customer_id", sa.String(200), primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("packed", sa.Text, nullable=False),
        sa.Column("newest_at", sa.BigInteger),
        sa.Column("profiling_consent", sa.SmallInteger),
        sa.Column("email_consent", sa.SmallInteger),
        sa.Column("sms_consent", sa.SmallInteger),
        sa.Column("phone_consent", sa.SmallInteger),
    )
    op.create_index("ix_customer_states_newest_at", "customer_states", ["newest_at"])
    op.create_table(
        "policies",
        sa.Column("policy_version", sa.String(12), primary_key=True),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("first_used_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "decisions",
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
    )
    op.create_index("decisions_by_customer", "decisions", ["customer_id", "decided_at"])
    op.create_index("decisions_by_run", "decisions", ["run_id", "customer_id"])
    op.create_table(
        "feedback",
        sa.Column("feedback_id", sa.String(200), primary_key=True),
        sa.Column("decision_id", sa.String(40), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("value", sa.BigInteger),
        sa.Column("received_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_feedback_decision_id", "feedback", ["decision_id"])
    op.create_table(
        "answered_requests",
        sa.Column("idempotency_key", sa.String(300), primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("answered_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_answered_requests_answered_at", "answered_requests", ["answered_at"])


def downgrade() -> None:
    """Drop the logs, the states and the answers given; keys stay."""
    for table in (
        "answered_requests",
        "feedback",
        "decisions",
        "policies",
        "customer_states",
        "consents",
        "events",
    ):
        op.drop_table(table)
