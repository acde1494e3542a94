"""Everyone's staged rows as Spark sees them: those of a block of customers in one partition."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import pyarrow as pa

from models.ingest.encoding import CUSTOMER
from models.ingest.staged_blocks import ROWS, StagedBlocks

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

BLOCK = "block"


def rows_by_block(session: "SparkSession", staged: StagedBlocks, numbers: Collection[int]) -> "DataFrame":
    """The rows of these blocks: `block`, and the row itself as a struct under the name of its table, the others null.

    So one shuffle brings all rows of a block together, and a row takes there what it holds and little more.
    """
    from pyspark.sql import functions as sf  # noqa: PLC0415  (an extra, which most do without)

    frames = []
    for folder in sorted(staged.folder.iterdir()):
        rows = session.read.parquet((folder / ROWS).as_uri())
        block = sf.floor(sf.col(f"`{CUSTOMER}`") / staged.block).cast("int")
        chosen = rows if len(numbers) == staged.blocks else rows.where(block.isin(list(numbers)))
        frames.append(chosen.select(block.alias(BLOCK), sf.struct("*").alias(folder.name)))
    everything = reduce(lambda some, more: some.unionByName(more, allowMissingColumns=True), frames)
    return everything.repartitionById(staged.blocks, BLOCK)


@dataclass(frozen=True)
class ArrivedBlock(StagedBlocks):
    """What was staged, of which one block's rows have arrived: `tables` by name, with places within the block."""

    number: int
    tables: Mapping[str, pa.Table]

    def rows(self, name: str, number: int) -> pa.Table:
        """The rows of a table in the block that arrived."""
        if number != self.number:
            raise ValueError(f"block {self.number} arrived, not {number}")
        return self.tables[name]


def arrived(batches: Iterable[pa.RecordBatch], staged: StagedBlocks) -> ArrivedBlock | None:
    """The block whose rows a partition of `rows_by_block` brings; None if it brings none."""
    number, parts = -1, dict[str, list[pa.RecordBatch]]()
    for batch in batches:
        number = batch[BLOCK][0].as_py()
        for name in batch.schema.names:
            if name != BLOCK:
                parts.setdefault(name, []).append(rows_of(batch[name]))
    if not parts:
        return None
    first = number * staged.block
    tables = {name: within_block(pa.Table.from_batches(of_table), first) for name, of_table in parts.items()}
    return ArrivedBlock(**vars(staged), number=number, tables=tables)


def rows_of(structs: pa.StructArray) -> pa.RecordBatch:
    """The rows that are there, each field a column."""
    return pa.RecordBatch.from_struct_array(structs.drop_null())


def within_block(rows: pa.Table, first: int) -> pa.Table:
    """The rows with the customers' places counted from the block's first."""
    column = rows.schema.get_field_index(CUSTOMER)
    return rows.set_column(column, CUSTOMER, pa.array(rows[CUSTOMER].to_numpy() - first, pa.int64()))
