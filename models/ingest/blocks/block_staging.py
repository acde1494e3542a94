"""Block staging: writes a workspace's tables by blocks of customers, out of core, in one pass over each large table."""
# ruff: noqa: S608  (the SQL is made of quoted names only)

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from models.ingest.blocks.block_files import BlockFiles
from models.ingest.blocks.staged_blocks import CONSENTS, PEOPLE, ROWS, StagedBlocks
from models.ingest.rejection_report import account_of
from models.ingest.sql.duckdb_session import EngineLimits, engine_errors, open_engine
from models.ingest.sql.quoting import name
from models.ingest.staged_workspace import StagingRequest, stage_workspace, with_places
from models.ingest.staging.conversion_query import EXPRESSION_FIX
from models.ingest.staging.staged_view import IS_FLAWED
from models.ingest.store.delta import Delta
from models.rows.tables import TABLES, TableName
from models.workspace import Workspace

_BATCH = 500_000
_MARK = IS_FLAWED.strip('"')


@dataclass(frozen=True)
class StagingFolder:
    """Where the rows are staged and what that may take.

    folder: empty. block: customers a block. by_block: False where another engine brings the rows of a block together.
    rejected: the folder for rejected rows; without it none of them are written.
    """

    folder: Path
    block: int
    by_block: bool = True
    memory: str = "700MB"
    threads: int = 2
    rejected: Path | None = None


def stage_blocks(
    workspace: Workspace,
    delta: Delta | None,
    asked: StagingRequest,
    room: StagingFolder,
    more: Mapping[str, Iterator[pa.RecordBatch]],
) -> StagedBlocks:
    """Stage everyone's rows as `models.ingest.blocks.staged_blocks` has them. asked: `as_views`, for large tables.

    delta: of the store, if there is one. more: by name, other rows of the customers, with a customer_id; at least one
    batch of each, which may be empty.
    Raises DataError if a source cannot be read, lacks a column, or leaves no customer.
    """
    with open_engine(EngineLimits(room.folder, room.memory, room.threads)) as connection:
        staged = stage_workspace(connection, workspace, delta, asked)
        connection.execute("set preserve_insertion_order = false")  # rows are staged in any order
        newest: list[int] = []
        clean = set[TableName]()
        for table, one in staged.tables.items():
            written, flawed, query = 0, 0, staged.rows_query(table, marked=staged.is_marked(table))
            with engine_errors(one.source.where, fix=EXPRESSION_FIX):
                for rows, with_flaws in _written(connection, query, room, table):
                    newest += _instants(rows, table, asked.now)
                    written, flawed = written + len(rows), flawed + with_flaws
            if written == one.rows + staged.added.get(table, 0) and not flawed:
                clean.add(table)  # to find nothing in so many rows would take as long as to read them
        _write(connection, staged.ids_query(), room, PEOPLE)
        if staged.has_store:
            _write(connection, staged.recorded_query(), room, CONSENTS)
        for other, arriving in more.items():
            _write(connection, with_places(_kept(connection, other, arriving)), room, other)
        first_ids = tuple(row[0] for row in connection.execute(staged.first_ids_query(room.block)).fetchall())
        connection.execute("set preserve_insertion_order = true")  # rejected rows are named by their numbers
        account = account_of(connection, staged, room.rejected, clean=clean)
    columns = {table: dict(one.columns) for table, one in staged.tables.items()}
    newest_at = max(newest, default=None)
    return StagedBlocks(
        folder=room.folder,
        customers=staged.customers,
        block=room.block,
        columns=columns,
        sources=staged.sources,
        newest_at=newest_at,
        has_store=staged.has_store,
        first_ids=first_ids,
        account=account,
    )


def _kept(connection: duckdb.DuckDBPyConnection, table: str, batches: Iterator[pa.RecordBatch]) -> str:
    """Rows that arrive in batches as a relation."""
    relation = name(f"brought {table}")
    for number, batch in enumerate(batches):
        connection.register("arriving", pa.Table.from_batches([batch]))
        begin = f"insert into {relation}" if number else f"create temp table {relation} as"
        connection.execute(f"{begin} select * from arriving")
        connection.unregister("arriving")
    return relation


def _write(connection: duckdb.DuckDBPyConnection, query: str, room: StagingFolder, table: str) -> None:
    for _ in _written(connection, query, room, table):
        pass


def _written(
    connection: duckdb.DuckDBPyConnection, query: str, room: StagingFolder, table: str
) -> Iterator[tuple[pa.RecordBatch, int]]:
    """The query's rows, each batch of them once it has been written, with how many of them stay without a value.

    The column that says so is not written.
    """
    reader = connection.sql(query).to_arrow_reader(_BATCH)
    mark = reader.schema.get_field_index(_MARK)
    schema = reader.schema if mark < 0 else reader.schema.remove(mark)
    with _writer(room, table, schema) as write:
        while (rows := _next(reader)) is not None:
            flawed = 0 if mark < 0 else int(pc.sum(rows.column(mark)).as_py() or 0)
            kept = rows if mark < 0 else rows.select(schema.names)
            write(kept)
            yield kept, flawed


@contextmanager
def _writer(room: StagingFolder, table: str, schema: pa.Schema) -> Iterator[Callable[[pa.RecordBatch], None]]:
    files = BlockFiles(room.folder / table, room.block)
    files.columns(schema)
    if room.by_block:
        yield files.append
    else:
        with pq.ParquetWriter(room.folder / table / ROWS, schema, compression="lz4") as writer:
            yield writer.write_batch


def _next(reader: pa.RecordBatchReader) -> pa.RecordBatch | None:
    try:
        return reader.read_next_batch()
    except StopIteration:
        return None
    except OSError as error:  # what is wrong with a row, found underway, comes through Arrow
        raise duckdb.Error(str(error)) from error


def _instants(rows: pa.RecordBatch, table: TableName, now: int) -> list[int]:
    """The newest instant of these rows, or none: their own, or that of a subscription's end by `now`."""
    at, ended = TABLES[table].at, "ended_at"
    instants = [rows.column(at)] if at in rows.schema.names else []
    if ended in rows.schema.names:
        ends = rows.column(ended)
        instants.append(ends.filter(pc.less_equal(ends, pa.scalar(now))))
    found = [pc.max(column).as_py() for column in instants]
    return [instant for instant in found if instant is not None]
