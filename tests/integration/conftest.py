"""One service for all tests that only ask, started once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from service.store.database.engine import open_store
from tests.builders.deciding_service import Deciding, deciding_service
from tests.builders.decision_policy import write_policy
from tests.builders.empty_store import KINDS, fresh_store
from tests.builders.example_workspace import block_with, make_example, shell
from tests.builders.running_service import RunningService, running
from tests.builders.small_workspace import with_champion, write_workspace


@pytest.fixture(scope="session")
def served(promoted_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A small workspace, served without keys on this machine. Tests that change it take one of their own."""
    folder = tmp_path_factory.mktemp("served")
    with running(shutil.copytree(promoted_shop, folder / "shop"), folder, dev="1") as service:
        yield service


@pytest.fixture(scope="session")
def promoted_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small workspace with a champion, to be copied."""
    workspace = write_workspace(tmp_path_factory.mktemp("promoted") / "shop")
    with_champion(workspace)
    return workspace


@pytest.fixture
def shop(promoted_shop: Path, tmp_path: Path) -> Path:
    """A workspace of the test's own, with a champion."""
    return shutil.copytree(promoted_shop, tmp_path / "shop")


@pytest.fixture(scope="session")
def guarded(model_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A small workspace with something to decide, served by two workers to those who have a key."""
    folder = tmp_path_factory.mktemp("guarded")
    with running(shutil.copytree(model_shop, folder / "shop"), folder, workers="2") as service:
        yield service


@pytest.fixture(scope="session", params=KINDS)
def deciding(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deciding]:
    """A service that decides, two workers on each kind of store. Each test takes customers that no other has used."""
    with deciding_service(request.param, tmp_path_factory.mktemp("deciding")) as found:
        yield found


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example shop with its champion, by the README's commands."""
    return make_example(tmp_path_factory.mktemp("example"))


@pytest.fixture(scope="session")
def example_scored(example: Path) -> Path:
    """The example shop once the README's nightly runs have scored everyone."""
    shell(block_with("bash", "tercet score"), example)
    return example


@pytest.fixture(scope="session")
def example_served(example: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """The example shop, served."""
    with running(example, tmp_path_factory.mktemp("example-served"), dev="1") as service:
        yield service


@pytest.fixture(scope="session")
def model_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small workspace with a champion and a policy with something to decide, to be copied."""
    shop = write_policy(write_workspace(tmp_path_factory.mktemp("model") / "shop"))
    with_champion(shop)
    return shop


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sa.Engine]:
    """An empty store of each kind, which every command of the test uses."""
    with fresh_store(request.param, tmp_path) as url:
        monkeypatch.setenv("TERCET_DATABASE_URL", url)
        engine = open_store(url)
        yield engine
        engine.dispose()
