"""What a customer's item has to be: tables and store read anew in this process, by the way that training goes."""

from pathlib import Path
from typing import Any

from models.bundle.champion import read_champion
from models.bundle.champion_bundle import read_champion_bundle
from models.decisions.contacts.contact_history import Contacted, ContactHistory
from models.ingest import read_history, wall_clock
from models.items.item_json import item_of
from models.rows.history import History
from models.scorer import Scorer
from models.workspace import load_workspace


def read_whole(directory: Path, customer_id: str) -> tuple[History, dict[str, Any]]:
    """The customer's history and item; nobody was contacted."""
    workspace = load_workspace(directory)
    ingested = read_history(workspace)
    theirs = ingested.history.select([ingested.history.customer_ids.tolist().index(customer_id)])
    contacted = Contacted(ContactHistory.none(), wall_clock())
    scorer = Scorer(read_champion_bundle(read_champion(directory)), workspace)
    scored = scorer.score(theirs, ingested.as_of, contacted=contacted)
    return theirs, item_of(scored, 0) | {"customer_id": customer_id}
