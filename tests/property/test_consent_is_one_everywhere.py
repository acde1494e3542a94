"""Who may be profiled and contacted is the same however it is looked at, and as one obvious loop says.

Random cells in the table `customers` (with customers twice, blank and unreadable cells), random records in the store
(with ties, and a purpose that nobody knows), either default: read whole, customer by customer over the store's current
state, at a decision, in a block that was staged before some of the records came, and as a campaign file is published.
"""

import csv
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from models.consent.effective_consent import ConsentDefault, PublicationCheck, granted, may_profile
from models.consent.purposes import CONSENT_COLUMNS, PURPOSES, ChannelConsent
from models.consent.recorded_consent import Consents
from models.decisions.candidates.candidates import Candidate
from models.decisions.stages.channel_consent import ConsentStage
from models.files.store_url import store_url
from models.ingest import read_history
from models.ingest.blocks.block_staging import StagingFolder, stage_blocks
from models.ingest.blocks.staged_blocks import read_block
from models.ingest.staged_workspace import StagingRequest
from models.ingest.store.delta import NO_CONSENTS, changed_consents, stored_delta
from models.ingest.store.store_tables import consents, decisions
from models.rows.history import History
from models.workspace import Workspace, load_workspace
from models.workspace.actions import Action
from models.workspace.contact_policy import Channel
from service.batch.run_folder.block_writer import with_given
from service.campaign.campaign_file import granted_in_store, refusals
from service.campaign.campaign_folder import CampaignFolder
from service.decision_requests.decide_and_log import consents_now
from service.store.database.engine import open_store, reading
from service.store.logs.consent_log import record_consent
from service.store.states.customer_lookup import LiveTables
from service.store.states.state_updates import rebuild_states
from tests.builders.ingest_results import NOW, ORDERS
from tests.builders.narrowing import present
from tests.oracles.consent import has_granted

IN_TABLE, ONLY_IN_STORE = ("c0", "c1", "c2"), ("s0", "s1")
UNKNOWN = "fax"
RUN = "run_of_all"
DEFAULTS: tuple[ConsentDefault, ...] = ("granted", "denied")

cell = st.sampled_from(["yes", "yes", "no", "", "", "?"])
line = st.tuples(st.sampled_from(IN_TABLE), cell, cell, cell, cell)
record = st.tuples(
    st.sampled_from([*IN_TABLE, *ONLY_IN_STORE]),
    st.sampled_from(PURPOSES),
    st.sampled_from(["yes", "no"]),
    st.integers(0, 3),
)
Record = tuple[str, str, str, int]


@dataclass(frozen=True)
class RecordedConsents:
    """What was written down. staged: how many of the records were there when the blocks were staged."""

    default: ConsentDefault
    lines: Sequence[tuple[str, ...]]
    log: list[Record]
    staged: int

    def grants(self, customer_id: str, purpose: str) -> bool:
        """What the oracle says."""
        place = 1 + PURPOSES.index(purpose) if purpose in PURPOSES else None
        cells = [line[place] for line in self.lines if line[0] == customer_id] if place is not None else []
        said = [(at, word) for who, of, word, at in self.log if (who, of) == (customer_id, purpose) and place]
        return has_granted(cells, said, self.default)


@contextmanager
def written(recorded: RecordedConsents) -> Iterator[tuple[Workspace, sa.Engine]]:
    """The table and an empty store."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        with (folder / "customers.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["customer_id", *CONSENT_COLUMNS], *recorded.lines])
        (folder / "orders.csv").write_text(f"{ORDERS}\no1,c0,2026-01-01,1\n", encoding="utf-8")
        toml = f'[business]\ncurrency = "EUR"\n[consent]\ndefault = "{recorded.default}"\n'
        toml += "".join(f'[tables.{table}]\nsource = "{table}.csv"\n' for table in ("customers", "orders"))
        (folder / "tercet.toml").write_text(toml, encoding="utf-8")
        store = open_store(store_url(folder))
        try:
            yield load_workspace(folder), store
        finally:
            store.dispose()


def log(store: sa.Engine, records: list[Record]) -> None:
    """Write records to the store as the service does; those of a purpose that it does not know by hand."""
    for who, purpose, word, at in records:
        if purpose in PURPOSES:
            record_consent(store, who, {purpose: word == "yes"}, at, None, NOW)
        else:
            row = {"customer_id": who, "purpose": purpose, "granted": int(word == "yes"), "at": at, "received_at": NOW}
            with store.begin() as connection:
                connection.execute(sa.insert(consents), row)


def decided_for(store: sa.Engine, customer_ids: list[str]) -> CampaignFolder:
    """The folder of a run that has decided for these customers."""
    known = {"decided_at": 0, "expires_at": NOW, "as_of": 0, "assignment_probability": 1.0, "trace": "{}"}
    words = dict.fromkeys(("action", "channel", "arm", "effect_source", "bundle_version", "policy_version"), "x")
    amounts = {"expected_margin": 0, "expected_cost": 0, "run_id": RUN}
    rows = [known | words | amounts | {"decision_id": f"dec_{who}", "customer_id": who} for who in customer_ids]
    with store.begin() as connection:
        connection.execute(sa.insert(decisions), rows)
    return CampaignFolder(Path(), "csv", {"run_id": RUN})


def agrees(recorded: RecordedConsents, history: History) -> None:
    """Everyone of the history is as the oracle says, profiling and every purpose."""
    ids = history.customer_ids.tolist()
    assert may_profile(history, recorded.default).tolist() == [recorded.grants(who, "profiling") for who in ids]
    for purpose in (*PURPOSES, UNKNOWN):
        assert granted(history, purpose, recorded.default).tolist() == [recorded.grants(who, purpose) for who in ids], (
            purpose
        )


@settings(max_examples=present(settings.default).max_examples // 10)
@given(st.data())
def test_who_may_be_profiled_and_contacted_is_the_same_however_it_is_looked_at(data: st.DataObject) -> None:
    lines = [("c0", "yes", "", "no", "?"), *data.draw(st.lists(line, max_size=5))]
    records = data.draw(st.lists(record, max_size=10))
    records += [("c0", UNKNOWN, "no", 1)] if data.draw(st.booleans()) else []
    staged_records = data.draw(st.integers(0, len(records)))
    recorded = RecordedConsents(data.draw(st.sampled_from(DEFAULTS)), lines, records, staged_records)
    with written(recorded) as (workspace, store), TemporaryDirectory() as folder:
        base = read_history(workspace, now=NOW, with_delta=False)
        log(store, records[:staged_records])
        delta = stored_delta(workspace.directory)
        room = StagingFolder(Path(folder), block=2, memory="200MB", threads=1)
        staged = stage_blocks(workspace, delta, StagingRequest(NOW, as_views=True), room, {})
        log(store, records[staged_records:])

        whole = read_history(workspace, now=NOW).history
        ids = whole.customer_ids.tolist()
        assert set(ids) == {line[0] for line in lines} | {who for who, _, _, _ in records}
        agrees(recorded, whole)
        may_be_contacted(recorded, whole, workspace)

        live = LiveTables(base, workspace, store)
        agrees(recorded, live.find(ids).history)
        rebuild_states(store)
        agrees(recorded, live.find(ids).history)

        known = base.history.customer_ids.tolist()
        with reading(store) as connection:
            agrees(recorded, with_consents(base.history, consents_now(connection, base.history.consents, known)))

        now, changed = changed_consents(workspace.directory, NO_CONSENTS if delta is None else delta.consents)
        for number in range(staged.blocks):
            agrees(recorded, with_given(read_block(staged, workspace.config, number), changed))
        assert changed_consents(workspace.directory, now)[1] == {}

        run = decided_for(store, ids)
        refused = refusals(store, run)
        with closing(store.connect()) as connection:
            stored = partial(granted_in_store, connection)
            for tables in (whole, base.history):
                check = PublicationCheck(refused, tables, workspace.config.consent.default)
                for who in ids:
                    refuses = [check.refuses(who, purpose, stored) for purpose in PURPOSES]
                    assert refuses == [not recorded.grants(who, purpose) for purpose in PURPOSES]


def with_consents(history: History, now: Consents) -> History:
    """The history with other consents."""
    return History(history.customer_ids, {}, consents=now)


def may_be_contacted(recorded: RecordedConsents, history: History, workspace: Workspace) -> None:
    """The funnel's stage lets through exactly those who granted what a channel needs."""
    needs: tuple[ChannelConsent, ...] = ("email", "sms", "phone", "none")
    action = Action(value="purchase", channels=list(needs), margin=1.0)
    candidates = [Candidate("write", need, action, Channel(consent=need)) for need in needs]
    lacks, columns = ConsentStage(workspace.config.consent.default, candidates).lacks(history)
    for place, need in enumerate(needs):
        expected = [need != "none" and not recorded.grants(who, need) for who in history.customer_ids.tolist()]
        assert lacks[:, columns[place]].tolist() == expected
