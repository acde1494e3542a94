"""What it takes to read order lines from a CSV file (ten million): `python -m benchmarks.csv_reading [LINES]`.

To compare with another checkout, run this file with that checkout first on PYTHONPATH, the two in turn.
"""

import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from models.ingest import read_history
from models.workspace import load_workspace

LINES = 10_000_000
TOML = """
[business]
currency = "EUR"
[tables.orders]
source = "orders.csv"
"""


def write_orders(folder: Path, lines: int) -> None:
    """Lines of about 56 bytes: three an order, half a million customers, times to the second, amounts in cents."""
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(f"""
            copy (select 'o' || (i // 3) as order_id, 'c' || (hash(i // 3) % 500000) as customer_id,
                strftime(timestamp '2022-01-01' + to_seconds((hash(i // 3) % 100000000)::bigint), '%Y-%m-%d %H:%M:%S')
                    as ordered_at,
                round((hash(i * 7) % 20000) / 100.0, 2) as amount, (hash(i * 3) % 5) + 1 as quantity,
                'cat' || (hash(i) % 20) as category, 'p' || (hash(i * 11) % 5000) as product_id
            from range({int(lines)}) r(i)) to '{folder / "orders.csv"}'""")


def main() -> None:
    """Write the file, read it once, and tell seconds and the peak of memory."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else LINES
    with TemporaryDirectory() as folder:
        write_orders(Path(folder), lines)
        (Path(folder) / "tercet.toml").write_text(TOML, encoding="utf-8")
        workspace = load_workspace(Path(folder))
        wall, cpu = time.perf_counter(), time.process_time()
        history = read_history(workspace).history
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    read = len(history.tables["orders"].at)
    print(f"{read:,} of {lines:,} lines: {wall:.1f} s, {cpu:.1f} s of CPU, {peak:.2f} GB at most")


if __name__ == "__main__":
    main()
