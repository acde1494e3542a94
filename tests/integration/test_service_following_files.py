"""Which files a table's source stands for is looked at anew while it serves: patterns, variables, replaced files."""

import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from models.errors import WorkspaceError
from models.files.store_url import store_url
from service.batch.batch_run import score_everyone
from service.batch.run_folder.batch_job import BatchOptions
from service.store.database.engine import open_store
from service.worker.reload_and_warm_up import Reloader, stamp
from tests.builders.running_service import RunningService, running
from tests.builders.small_workspace import FIRST_BUYER, with_champion

ORDERS = 'source = "orders.csv"'
HEADER = "customer_id,order_id,ordered_at,category,amount\n"


@pytest.fixture
def exports(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder [of] orders, a file for the first half and one for the second, which the environment names."""
    folder = tmp_path / "orders [of 2025]"
    folder.mkdir()
    lines = (shop / "orders.csv").read_text().splitlines(keepends=True)[1:]
    (folder / "orders-1.csv").write_text(HEADER + "".join(lines[::2]))
    (folder / "orders-2.csv").write_text(HEADER + "".join(lines[1::2]))
    (shop / "orders.csv").unlink()
    toml = shop / "tercet.toml"
    toml.write_text(toml.read_text().replace(ORDERS, 'source = "${TERCET_EXPORTS}/orders-*.csv"'))
    # the folder's own brackets are not a pattern, which they would be as part of the source
    (shop / "exports").symlink_to(folder)
    monkeypatch.setenv("TERCET_EXPORTS", "exports")
    with_champion(shop)
    return folder


def as_of(service: RunningService) -> str:
    return str(service.http.get("/v1/model").json()["as_of"])


def check_parity(service: RunningService, out: Path) -> None:
    """The files that `tercet score` writes now say what the service says now, of everyone."""
    score_everyone(BatchOptions(service.workspace, out, processes=1))
    rows = pq.read_table(out / "scores").to_pylist()
    items = service.items(*(row["customer_id"] for row in rows))
    assert {row["as_of"] for row in rows} == {as_of(service)}
    for row, item in zip(rows, items, strict=True):
        assert row["status"] == item["status"]
        assert row["churn_probability"] == item.get("churn", {}).get("probability")
        assert row["predicted_clv"] == item.get("clv", {}).get("amount")


def test_files_of_a_pattern_that_come_change_and_go_are_followed(shop: Path, tmp_path: Path, exports: Path) -> None:
    with running(shop, tmp_path, dev="1", exports="exports") as service:
        before = as_of(service)
        check_parity(service, tmp_path / "at-first")

        new = exports / "orders-3.csv"
        new.write_text(HEADER + f"{FIRST_BUYER},late-1,2025-12-31T10:00:00+00:00,books,9.50\n")
        service.wait_for(lambda: as_of(service).startswith("2025-12-31T10"))
        check_parity(service, tmp_path / "with-a-new-file")

        written = new.stat()
        another = exports / "draft"
        another.write_text(new.read_text().replace("T10", "T11"))
        os.utime(another, ns=(written.st_atime_ns, written.st_mtime_ns))
        another.rename(new)  # as many bytes, and of the same time
        service.wait_for(lambda: as_of(service).startswith("2025-12-31T11"))
        check_parity(service, tmp_path / "with-a-changed-file")

        new.unlink()
        service.wait_for(lambda: as_of(service) == before)
        check_parity(service, tmp_path / "without-the-file")
        lose_all_files(service, exports)


def lose_all_files(service: RunningService, exports: Path) -> None:
    """On the same service, since each start takes seconds: what was served is served on, and that is told each time."""
    items, aside = service.items(FIRST_BUYER), exports.with_name("aside")
    for times in (1, 2):
        exports.rename(aside)
        service.wait_for(lambda: service.log.count("there is no file like") == times)  # noqa: B023 - asked at once
        assert service.items(FIRST_BUYER) == items
        assert service.http.get("/readyz").status_code == 200
        served = service.log.count('"event": "serving"')
        aside.rename(exports)
        service.wait_for(lambda: service.log.count('"event": "serving"') > served)  # noqa: B023 - asked at once
        assert service.items(FIRST_BUYER) == items


def test_tables_are_followed_though_the_policy_was_wrong_when_they_were_looked_for(shop: Path) -> None:
    policy, orders, store = shop / "policy.toml", shop / "orders.csv", open_store(store_url(shop))
    right = policy.read_text()
    policy.write_text(right + "[nonsense]\n")
    reloader = Reloader(shop, 10)
    with pytest.raises(WorkspaceError, match="nonsense"):
        reloader.follow(store)
    policy.write_text(right)
    first = reloader.follow(store)
    orders.write_text(orders.read_text() + f"{FIRST_BUYER},late,2025-12-31T10:00:00+00:00,books,9.50\n")
    assert reloader.follow(store) is None  # it may be half written
    second = reloader.follow(store)
    assert first is not None
    assert second is not None
    assert second.live.base.as_of > first.live.base.as_of
    store.dispose()


def test_a_file_in_the_place_of_another_differs_from_it_whatever_its_time_and_size(tmp_path: Path) -> None:
    file, another = tmp_path / "orders.csv", tmp_path / "draft"
    for path, text in ((file, "1,2\n"), (another, "3,4\n")):
        path.write_text(text)
        os.utime(path, (1e9, 1e9))
    before = stamp(file)
    another.rename(file)
    assert stamp(file) != before
    assert stamp(another) is None
