"""A workspace read in blocks of customers, to be held against the same read as a whole."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from models.ingest.blocks.block_staging import StagingFolder, stage_blocks
from models.ingest.blocks.staged_blocks import read_block
from models.ingest.staged_workspace import StagingRequest
from models.ingest.store.delta import stored_delta
from models.rows.history import History
from models.rows.tables import TableName
from models.workspace import Workspace
from tests.oracles.feature_bits import bits


def assert_blocks_are_parts_of(
    whole: History,
    workspace: Workspace,
    now: int,
    *,
    block: int = 1,
    attributes_file: Path | None = None,
    numeric: Mapping[TableName, Mapping[str, bool]] | None = None,
) -> None:
    """Stage the workspace in blocks and read each: in every bit the same customers of `whole`."""
    asked = StagingRequest(now, attributes_file, numeric, as_views=True)
    with TemporaryDirectory() as folder:
        room = StagingFolder(Path(folder), block, memory="200MB", threads=1)
        staged = stage_blocks(workspace, stored_delta(workspace.directory), asked, room, {})
        assert staged.customers == len(whole)
        for number in range(staged.blocks):
            places = np.arange(number * block, min((number + 1) * block, len(whole)))
            theirs = whole.select(places)
            assert in_bits(read_block(staged, workspace.config, number)) == in_bits(theirs)
            assert {staged.block_of(customer_id) for customer_id in theirs.customer_ids} == {number}


def in_bits(history: History) -> dict[str, Any]:
    """All that features, rules and decisions see of a history."""
    tables = {
        name: [rows.offsets.tolist(), rows.at.tolist(), {column: bits(of) for column, of in rows.columns.items()}]
        for name, rows in history.tables.items()
    }
    return {
        "ids": history.customer_ids.tolist(),
        "tables": tables,
        "columns": {name: list(of) for name, (_, _, of) in tables.items()},
        "profile": {name: bits(of) for name, of in history.profile.items()},
        "consents": {name: of.tolist() for name, of in history.consents.items()},
        "labels": {name: bits(of) for name, of in history.labels.items()},
        "of all": (history.minor_units, history.newest_at, history.days, history.signed_up_by_rows),
    }
