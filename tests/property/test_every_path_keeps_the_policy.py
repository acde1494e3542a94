"""Whatever the policy and what came before: no path contacts whom it forbids, nor whom another path may not."""

import gc
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import example, given, settings

from models.ingest import wall_clock
from service.store.database.engine import open_store
from tests.builders.empty_store import KINDS, fresh_store
from tests.builders.histories import instant
from tests.builders.in_process_service import served_in_process
from tests.builders.narrowing import present
from tests.builders.running_service import running
from tests.builders.shop_strategies import A_SHOP, Shop, shops
from tests.builders.trained_shop import write_shop, write_trained_shop
from tests.builders.wall_clock import RealClock, standing_clock
from tests.stories.read_only_paths import check_read_only_paths
from tests.stories.shop_story import WatchedShop
from tests.stories.step_execution import happen
from tests.stories.step_strategies import A_STORY, Step, steps

NOW = instant("2026-03-10T12:00:00")


@dataclass
class Room:
    folder: Path
    trained: Path
    numbers: Iterator[int]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    folder = tmp_path_factory.mktemp("paths")
    thresholds = gc.get_threshold()
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PROMETHEUS_MULTIPROC_DIR", str(folder))  # a worker sets it
        with standing_clock(NOW):
            trained = write_trained_shop(folder / "trained", NOW)
        yield Room(folder, trained, itertools.count())
    gc.unfreeze()  # a worker freezes what it has loaded
    gc.set_threshold(*thresholds)


@settings(max_examples=present(settings.default).max_examples // 33)
@example(shop=A_SHOP, story=A_STORY)
@given(shop=shops(), story=steps())
def test_no_path_contacts_whom_the_policy_or_another_path_forbids(room: Room, shop: Shop, story: list[Step]) -> None:
    folder = room.folder / f"shop-{next(room.numbers)}"
    with standing_clock(NOW) as clock:
        write_shop(folder, shop, NOW, room.trained)
        with served_in_process(folder) as served:
            happens(story, WatchedShop(folder, served.store, served.http, clock, folder / "out"))


@pytest.mark.parametrize("kind", KINDS)
def test_two_workers_contact_nobody_whom_the_policy_forbids(
    room: Room, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_shop(tmp_path / "shop", A_SHOP, wall_clock(), room.trained)
    with fresh_store(kind, tmp_path) as url:
        monkeypatch.setenv("TERCET_DATABASE_URL", url)
        store = open_store(url)
        with running(folder, tmp_path, dev="1", workers="2", database_url=url) as service:
            happens(A_STORY, WatchedShop(folder, store, service.http, RealClock(), tmp_path / "out"))
        store.dispose()


def happens(story: list[Step], shop: WatchedShop) -> None:
    check_read_only_paths(shop)
    for step in story:
        happen(shop, step)
