"""Staged rows as Spark shuffles them: a block's rows to one partition, in chunks that Spark does not parse."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from models.ingest.blocks.block_files import by_block
from models.ingest.blocks.staged_blocks import ROWS, StagedBlocks
from models.ingest.encoding.arrow_columns import python_values

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Batches = Iterator[pa.RecordBatch]
Group = tuple[str, int]
"""A table's name and the number of one of its row groups."""
PIECES = "block int, name string, rows binary"


def rows_by_block(session: "SparkSession", staged: StagedBlocks, numbers: Collection[int]) -> "DataFrame":
    """PIECES of these blocks: some rows of a table in a block, as Arrow writes them; a block in one partition.

    Each row group of a staged table is split by a task of its own. Spark moves some thousand rows at a time, which
    costs it a third of what it takes to move them one by one.
    """
    groups = [
        (folder.name, group)
        for folder in sorted(staged.folder.iterdir())
        for group in range(pq.ParquetFile(folder / ROWS).num_row_groups)
    ]
    tasks = session.range(0, len(groups), 1, len(groups))
    pieces = tasks.mapInArrow(splitting(staged, groups, frozenset(numbers)), PIECES)
    return pieces.repartitionById(staged.blocks, "block")


def splitting(staged: StagedBlocks, groups: Sequence[Group], numbers: Collection[int]) -> Callable[[Batches], Batches]:
    """The executor's function that splits row groups, given their positions in `groups`."""

    def split(batches: Batches) -> Batches:
        for batch in batches:
            for place in python_values(batch["id"]):
                yield pieces_of(staged, groups[place], numbers)

    return split


def pieces_of(staged: StagedBlocks, group: Group, numbers: Collection[int]) -> pa.RecordBatch:
    """The pieces of a row group that belong to these blocks."""
    name, number = group
    rows = pq.ParquetFile(staged.folder / name / ROWS).read_row_group(number).combine_chunks()
    found = [
        (block, piece.serialize().to_pybytes())
        for batch in rows.to_batches()
        for block, piece in by_block(batch, staged.block)
        if block in numbers
    ]
    columns: dict[str, pa.Array[Any]] = {
        "block": pa.array([block for block, _ in found], pa.int32()),
        "name": pa.array([name] * len(found), pa.string()),
        "rows": pa.array([piece for _, piece in found], pa.binary()),
    }
    return pa.RecordBatch.from_pydict(columns)


@dataclass(frozen=True)
class ArrivedBlock(StagedBlocks):
    """What was staged, of which the pieces of one block have arrived, by the table's name."""

    number: int
    pieces: Mapping[str, Sequence[pa.Buffer]]

    def rows(self, name: str, number: int) -> pa.Table:
        """The rows of a table in the block that arrived."""
        if number != self.number:
            raise ValueError(f"block {self.number} arrived, not {number}")
        columns = super().rows(name, number).schema  # with ROWS no block has a file: these are the columns alone
        batches = [pa.ipc.read_record_batch(piece, columns) for piece in self.pieces.get(name, ())]
        return pa.Table.from_batches(batches, columns)


def arrived(batches: Iterable[pa.RecordBatch], staged: StagedBlocks) -> ArrivedBlock | None:
    """The block whose pieces a partition of `rows_by_block` brings; None if it brings none."""
    number, pieces = -1, dict[str, list[pa.Buffer]]()
    for batch in batches:
        for block, name, rows in zip(batch["block"], batch["name"], batch["rows"], strict=True):
            if number not in {-1, block.as_py()}:
                raise ValueError(f"blocks {number} and {block} arrived in one partition")
            number = block.as_py()
            pieces.setdefault(name.as_py(), []).append(rows.as_buffer())
    return ArrivedBlock(**vars(staged), number=number, pieces=pieces) if pieces else None
