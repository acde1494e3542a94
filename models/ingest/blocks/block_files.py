"""Block files: one table's rows split by block of customers; rows may arrive in any order."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from models.ingest.encoding.history_encoding import CUSTOMER


class BlockFiles:
    """Writes `folder/<block>.arrow`: Arrow's stream format, without its end mark, so that more can be appended.

    No file is held open: there may be more blocks than a process can have files. A block without rows has no file,
    so the columns are in `folder/columns.arrow` as well.
    """

    def __init__(self, folder: Path, block: int) -> None:
        self._folder, self._block = folder, block
        self._begun: set[int] = set()
        folder.mkdir()

    def columns(self, schema: pa.Schema) -> None:
        """Say which columns the rows have."""
        self._schema = schema
        (self._folder / "columns.arrow").write_bytes(schema.serialize())

    def append(self, rows: pa.RecordBatch) -> None:
        """Add rows: CUSTOMER is the place among all customers here, and that within the block in the file."""
        for block, of_block in by_block(rows, self._block):
            self._write(block, of_block)

    def _write(self, block: int, rows: pa.RecordBatch) -> None:
        with (self._folder / f"{block:05d}.arrow").open("ab") as file:
            if block not in self._begun:
                self._begun.add(block)
                file.write(self._schema.serialize())
            file.write(rows.serialize())


def by_block(rows: pa.RecordBatch, block: int) -> Iterator[tuple[int, pa.RecordBatch]]:
    """The rows of each block of `block` customers, with the customer's place within it."""
    place = rows.schema.get_field_index(CUSTOMER)
    blocks, within = np.divmod(rows.column(place).to_numpy(), block)
    order = np.argsort(blocks.astype(np.uint16) if blocks.max(initial=0) < 2**16 else blocks, kind="stable")
    arranged = rows.set_column(place, CUSTOMER, pa.array(within, pa.int64())).take(pa.array(order, pa.int64()))
    present, starts = np.unique(blocks[order], return_index=True)
    for number, start, end in zip(present.tolist(), starts, [*starts[1:], len(rows)], strict=True):
        yield number, arranged.slice(start, end - start)


def read_rows(folder: Path, block: int) -> pa.Table:
    """The rows of one block; they stay in the file until they are looked at."""
    path = folder / f"{block:05d}.arrow"
    if not path.exists():
        return pa.ipc.read_schema(pa.py_buffer((folder / "columns.arrow").read_bytes())).empty_table()
    with pa.memory_map(str(path)) as file, pa.ipc.open_stream(file) as stream:
        return stream.read_all()
