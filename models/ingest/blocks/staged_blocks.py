"""Staged blocks: all customers' rows in a folder, by block, so that they need not fit in memory.

    folder/<table>/00017.arrow      the good rows of block 17, converted by the contract, in any order
    folder/people/00017.arrow       customer_id, is_new: whether the table `customers` lacks them
    folder/consents/00017.arrow     the store's: purpose, granted (absent where there is no store)
    folder/<more>/00017.arrow       what the caller brought, such as contacts that were logged

Customers have their place in ascending order of their ids, a block `block` of them one after the other; each file has
CUSTOMER, the place within the block. The formats are Arrow's own, read by mapping. `StagedBlocks` says the rest: it is
small, can be pickled, and `read_block` needs nothing beside it and the folder: no source, no store. The folder holds
personal data; whoever makes it removes it.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from models.ingest.blocks.block_files import read_rows
from models.ingest.columns.ingest_account import IngestAccount, SourceDigest
from models.ingest.encoding.encoded_history import encode_history
from models.ingest.encoding.history_encoding import CUSTOMER
from models.ingest.encoding.stored_facts import with_stored_facts
from models.rows.history import History
from models.rows.tables import Column, TableName
from models.workspace import Config

PEOPLE, CONSENTS = "people", "consents"
ROWS = "rows.parquet"
"""Where another engine brings the rows of a block together: all of a table's in one file, with the place among all.
Then there is no file of any block here: each has columns, and no rows."""


@dataclass(frozen=True)
class StagedBlocks:
    """customers: how many there are. columns: what those of each table hold. sources: what was read.

    newest_at: the newest instant over all tables (microseconds), None without any. has_store: whether there is one.
    first_ids: the first customer of each block. account: what was not taken as it stands.
    """

    folder: Path
    customers: int
    block: int
    columns: Mapping[TableName, Mapping[str, Column]]
    sources: tuple[SourceDigest, ...]
    newest_at: int | None
    has_store: bool
    first_ids: tuple[str, ...]
    account: IngestAccount

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return len(self.first_ids)

    def block_of(self, customer_id: str) -> int:
        """The block of this customer, whom it holds unless they are unknown."""
        return max(bisect_right(self.first_ids, customer_id) - 1, 0)

    def size(self, number: int) -> int:
        """How many customers a block has."""
        return min(self.block, self.customers - number * self.block)

    def rows(self, name: str, number: int) -> pa.Table:
        """The staged rows of a table in a block."""
        return read_rows(self.folder / name, number)


def read_block(staged: StagedBlocks, config: Config, number: int) -> History:
    """The history of one block's customers, as `read_history` would have it of everyone.

    Vocabularies hold only the words that occur in the block.
    """
    people = staged.rows(PEOPLE, number)
    people = people.take(pa.array(np.argsort(people[CUSTOMER].to_numpy()), pa.int64()))
    ids = np.array(people["customer_id"].to_pylist(), dtype=object)
    history = encode_history(config, staged.columns, lambda table: staged.rows(table, number), ids)
    if staged.has_store:
        newcomers = np.flatnonzero(people["is_new"].to_numpy())
        history = with_stored_facts(history, staged.rows(CONSENTS, number), newcomers)
    return replace(history, newest_at=staged.newest_at)
