"""Values that an expression of `tercet.toml` reckons with: the fix as it is printed mends the expression."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models.errors import DataError
from tests.builders.csv_workspace import files, printed_lines
from tests.builders.ingest_results import micros
from tests.builders.order_cells import amounts, fix_of_nobody, instants, quoted

pytestmark = pytest.mark.slow


def test_an_expression_under_columns_is_mended_where_it_stands(tmp_path: Path) -> None:
    text = "order_id,customer_id,day,hour,amount\no0,a,13/2/2025,10:15,1\no1,b,2/3/2025,9:05,2\n"
    more = "[tables.orders.columns]\nordered_at = \"day || ' ' || hour\"\n"
    workspace = files(tmp_path, {"orders": text}, more=more)
    mended = workspace.mend(printed_lines(fix_of_nobody(workspace)))
    assert instants(mended) == [micros("2025-02-13T10:15"), micros("2025-03-02T09:05")]


PRICED = "order_id,customer_id,ordered_at,quantity,price\n"
TIMES_PRICE = '[tables.orders.columns]\namount = "quantity * price"\n'


@pytest.mark.parametrize(
    ("prices", "meant"),
    [
        (["$1.50", "$2.00", "$1,000.00"], [3.0, 4.0, 2000.0]),
        (["1.50", "2.00", "3.00", "1,000.00"], [3.0, 4.0, 6.0, 2000.0]),
        (["1,50", "2,00", "1.000,00"], [3.0, 4.0, 2000.0]),
    ],
)
def test_prices_that_an_expression_reckons_with_are_read_by_the_lines_that_are_printed(
    prices: list[str], meant: list[float], tmp_path: Path
) -> None:
    rows = [f"o{row},c{row},2026-01-01,2,{quoted(price)}" for row, price in enumerate(prices)]
    workspace = files(tmp_path, {"orders": PRICED + "\n".join(rows) + "\n"}, more=TIMES_PRICE)
    with pytest.raises(DataError, match="'price'") as caught:
        workspace.read()
    mended = workspace.mend(printed_lines(str(caught.value.fix)))
    assert (mended.rejections, amounts(mended)) == ((), meant)


def test_a_stray_word_that_an_expression_reckons_with_is_blank_by_the_lines_that_are_printed(tmp_path: Path) -> None:
    rows = [f"o{row},c{row},2026-01-01,2,{'?' if row == 1 else row}" for row in range(9)]
    workspace = files(tmp_path, {"orders": PRICED + "\n".join(rows) + "\n"}, more=TIMES_PRICE)
    with pytest.raises(DataError, match=r"all but 1 of 9 are whole numbers \(row 2: '\?'\)") as caught:
        workspace.read()
    mended = workspace.mend(printed_lines(str(caught.value.fix)))
    assert [(one.reason, one.count) for one in mended.rejections] == [("missing amount", 1)]
    assert amounts(mended) == [0.0, *(2.0 * row for row in range(2, 9))]


def test_an_expression_that_takes_the_sign_off_by_itself_is_left_alone(tmp_path: Path) -> None:
    rows = [f"o{row},c{row},2026-01-01,2,${row}.50" for row in range(3)]
    more = '[tables.orders.columns]\namount = "quantity * price[2:]::double"\n'
    workspace = files(tmp_path, {"orders": PRICED + "\n".join(rows) + "\n"}, more=more)
    assert amounts(workspace.read()) == [1.0, 3.0, 5.0]


def test_texts_of_a_parquet_file_are_mended_by_expressions(tmp_path: Path) -> None:
    table = {"order_id": ["a", "b"], "customer_id": ["x", "y"], "ordered_at": ["13/2/2013", "2/3/2014"]}
    pq.write_table(pa.table({**table, "amount": ["1.135,00", "2,50"]}), tmp_path / "orders.parquet")
    workspace = files(tmp_path, {}, '[tables.orders]\nsource = "orders.parquet"\n')
    mended = workspace.mend(printed_lines(fix_of_nobody(workspace)))
    assert (mended.rejections, amounts(mended)) == ((), [1135.0, 2.5])
    assert instants(mended) == [micros("2013-02-13"), micros("2014-03-02")]
