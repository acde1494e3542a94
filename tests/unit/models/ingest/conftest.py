"""Tables written by hand and read as a workspace's."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from models.ingest import Ingested, read_history
from models.workspace import load_workspace
from tests.builders.ingest_views import BUSINESS, NOW, Read
from tests.oracles.block_parity import assert_blocks_are_parts_of


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_files(
        files: Mapping[str, str], *, toml: str | None = None, business: str = BUSINESS, **options: Any
    ) -> Ingested:
        for name, text in files.items():
            (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        sections = "".join(f'[tables.{name}]\nsource = "{name}.csv"\n' for name in files) if toml is None else toml
        (tmp_path / "tercet.toml").write_text(business + sections, encoding="utf-8")
        workspace = load_workspace(tmp_path)
        whole = read_history(workspace, now=NOW, **options)
        options.pop("rejected", None)
        assert_blocks_are_parts_of(whole.history, workspace, NOW, block=2, **options)
        return whole

    return read_files
