"""Tables written by hand and read as a workspace's."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from models.ingest import Ingested, read_history
from models.workspace import load_workspace
from tests.builders.ingest_results import BUSINESS, NOW, Read
from tests.builders.workspace_files import sections_of, write_workspace_files
from tests.oracles.block_parity import assert_blocks_are_parts_of


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_files(
        files: Mapping[str, str], *, toml: str | None = None, business: str = BUSINESS, block: int = 2, **options: Any
    ) -> Ingested:
        sections = sections_of(files) if toml is None else toml
        workspace = load_workspace(write_workspace_files(tmp_path, files, business + sections))
        whole = read_history(workspace, now=NOW, **options)
        options.pop("rejected", None)
        assert_blocks_are_parts_of(whole.history, workspace, NOW, block=block, **options)
        return whole

    return read_files
