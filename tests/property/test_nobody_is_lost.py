"""Whatever is wrong in a file: everyone in it has a status or is told as left out, and nobody else changes."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.batch.batch_run import score_everyone
from service.batch.run_folder.batch_job import BatchOptions
from tests.builders.csv_shop import AS_OF, clean_files, make_shop, shop_like
from tests.builders.narrowing import present
from tests.oracles.run_output import RunOutput, people_in, run_output_of

CUSTOMERS = 12
CELLS = ["?", "", " ", "nan", "1e999", "-1e30", "yesterday", "2999-01-01", "é", "a,b", 'a "word"', "0", "maybe"]
MORE = "a cell too many"
flaws = st.lists(
    st.tuples(
        st.sampled_from(["customers", "orders", "attributes"]),
        st.integers(1, CUSTOMERS),
        st.integers(0, 3),
        st.sampled_from([*CELLS, MORE]),
    ),
    max_size=8,
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_shop(tmp_path_factory.mktemp("model") / "shop")


@pytest.fixture(scope="module")
def clean(model: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, RunOutput]:
    folder = tmp_path_factory.mktemp("clean")
    shop = shop_like(model, folder / "shop", clean_files(CUSTOMERS))
    return {file_format: scored(shop, folder / file_format, file_format) for file_format in ("parquet", "csv")}


def scored(shop: Path, out: Path, file_format: str) -> RunOutput:
    score_everyone(BatchOptions(shop, out, as_of=AS_OF, file_format=file_format, processes=1))  # type: ignore[arg-type] # drawn from the two formats
    return run_output_of(out)


@settings(max_examples=present(settings.default).max_examples // 20, deadline=None)
@given(flaws, st.sampled_from(["parquet", "csv"]))
@example([("attributes", 3, 1, "?")], "parquet")
@example([("customers", 3, 0, ""), ("orders", 2, 0, " ")], "csv")
@example([("customers", 5, 3, MORE), ("attributes", 5, 0, MORE)], "parquet")
@example([("customers", 1, 0, "-1e30")], "csv")
def test_everyone_has_a_status_or_is_told_as_left_out_and_nobody_else_changes(
    model: Path, clean: dict[str, RunOutput], spoilt: list[tuple[str, int, int, str]], file_format: str
) -> None:
    files, touched = clean_files(CUSTOMERS), set[str]()
    for table, row, column, cell in spoilt:
        line = files[table][row]
        touched.add(line[0].strip())
        if cell == MORE:
            line.append(cell)
        elif column < len(line):
            line[column] = cell
        touched.add(line[0].strip())
    with TemporaryDirectory() as folder:
        shop = shop_like(model, Path(folder) / "shop", files)
        come = scored(shop, Path(folder) / "out", file_format)
        named = set().union(*(people_in(shop / f"{table}.csv") for table in files))
    assert named == come.rows.keys() | come.left_out.keys()
    assert come.rows.keys().isdisjoint(come.left_out)
    assert all(row["status"] for row in come.rows.values())
    before = clean[file_format]
    for customer_id in before.rows.keys() - touched:
        assert come.rows[customer_id] == before.rows[customer_id]
    told = bool(come.manifest["put_aside"] or come.manifest["flaws"])
    assert told or not come.left_out
