"""Decide and log: runs the funnel on the store's current consents and contacts, and logs the decisions.

Scoring is slow and happens before. What must not be stale is read here, in the transaction that logs the decisions,
after its customers are locked: nobody else decides for them, and no consent of theirs changes, until it is through.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import sqlalchemy as sa

from models.consent.consent_precedence import StoredConsents, stored_over_tables
from models.consent.effective_consent import may_profile
from models.consent.recorded_consent import Consents
from models.decisions.candidates.proposals import Proposal, Wish
from models.decisions.choice.decisions import Decisions
from models.decisions.funnel import decide
from models.rows.history import Category, History
from models.scored.customer_status import NO_CONSENT, NOT_SCORED, STATUS_REASONS, STATUSES
from models.scored.scored_customers import Scored
from models.workspace import Workspace
from service.store.contacts.current_contacts import contacts_within
from service.store.logs.decision_log import Decision, Occasion, log_decisions, new_decision_id, record_policy
from service.store.states.state_updates import newest_consents

EVERYONE = Wish()


def consider(
    connection: sa.Connection, workspace: Workspace, scored: Scored, history: History, now: int, wish: Wish = EVERYONE
) -> Decisions:
    """Decide for the customers of `scored` by the store's current consents and contacts; nothing is logged.

    history: of the same customers, some thousand at most, for the contacts in the tables. now: the wall
    clock, read after they were locked where the decisions are to be logged.
    """
    customer_ids = history.customer_ids.tolist()
    consents = consents_now(connection, scored.consents, customer_ids)
    contacts = contacts_within(connection, workspace, history, now)
    return decide(workspace, still_allowed(workspace, scored, consents), contacts, now, wish)


def consents_now(connection: sa.Connection, before: Consents, customer_ids: Sequence[str]) -> Consents:
    """These customers' consents with those that the store has by now over those `before`, when they were scored."""
    newest = newest_consents(connection, customer_ids)
    stored = StoredConsents.of_customers(customer_ids, {key: given.granted for key, given in newest.items()})
    return stored_over_tables(before, stored, len(customer_ids))


def decide_and_log(
    connection: sa.Connection, workspace: Workspace, decisions: Decisions, versions: tuple[str, str | None]
) -> list[list[Decision]]:
    """Log what is proposed for every customer, within the transaction in which it was considered; by row, what was.

    versions: of the bundle, and the run that they belong to, if any.
    """
    bundle_version, run_id = versions
    occasion = Occasion(decisions.now, decisions.scored.as_of, bundle_version, workspace.policy_version, run_id)
    by_row = [to_log(decisions, row) for row in range(len(decisions))]
    record_policy(connection, workspace, decisions.now)
    log_decisions(connection, occasion, [decision for of_row in by_row for decision in of_row])
    return by_row


def to_log(decisions: Decisions, row: int) -> list[Decision]:
    """One customer's proposals with ids of their own and all that led to them."""
    proposals = decisions.proposals(row)
    if not proposals:
        return []
    trace = decisions.trace(row)
    customer_id = decisions.scored.customer_ids[row]
    return [
        Decision(new_decision_id(decisions.now), customer_id, proposal, {**trace, "chosen": chosen(proposal)})
        for proposal in proposals
    ]


def chosen(proposal: Proposal) -> dict[str, Any]:
    """Of what is proposed, what neither a column of the log nor the funnel's trace says. terms: minor units."""
    return {
        "terms": dict(proposal.expected_margin.terms),
        "reasons": list(proposal.reasons),
        "message": dict(proposal.message),
    }


def still_allowed(workspace: Workspace, scored: Scored, consents: Consents) -> Scored:
    """The scores with the consents of now, without those of customers who have refused profiling since."""
    fresh = replace(scored, consents=consents)
    gone = scored.is_scored & ~may_profile(fresh, workspace.config.consent.default)
    if not gone.any():
        return fresh
    return replace(
        fresh,
        status=Category(np.where(gone, NOT_SCORED, scored.status.codes).astype(np.int32), STATUSES),
        status_reason=Category(np.where(gone, NO_CONSENT, scored.status_reason.codes).astype(np.int32), STATUS_REASONS),
    )
