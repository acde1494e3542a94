"""Previous segments: each customer's segments in the workspace's last measured run, read a part at a time."""

from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from models.ingest.encoding.arrow_columns import categories, python_values
from models.rows.instants import parse_instant
from models.scored.audiences import Audiences
from models.segments.kinds.audiences import AUDIENCES
from models.segments.report.measured_run import Run

CUSTOMER_ID, AS_OF = "customer_id", "as_of"


class EarlierRun:
    """The run in a file that `segment_report.keep_latest` wrote: customers ascending, so that it can be gone along."""

    def __init__(self, path: Path) -> None:
        self._file = pq.ParquetFile(path)
        self._groups = iter(range(self._file.num_row_groups))
        self._rows = self._file.schema_arrow.empty_table()
        self.as_of = parse_instant(self._file.schema_arrow.metadata[AS_OF.encode()].decode(), "UTC")

    def before(self, customer_id: str | None) -> Run:
        """Those not given yet whose ids come before this one; None for all that are left."""
        while (group := self._next_group(customer_id)) is not None:
            self._rows = pa.concat_tables([self._rows, self._file.read_row_group(group)])
        ids = self._rows[CUSTOMER_ID]
        until = len(ids)
        if customer_id is not None:
            earlier = pc.less(ids, pa.scalar(customer_id))
            until = pc.sum(earlier).as_py() or 0  # type: ignore[type-var] # true counts as 1
        given, self._rows = self._rows.slice(0, until), self._rows.slice(until)
        return run_in(given, self.as_of)

    def _next_group(self, customer_id: str | None) -> int | None:
        """The next rows of the file, if there are any and they are needed."""
        rows = self._rows
        reached = customer_id is not None and len(rows) > 0 and rows[CUSTOMER_ID][-1].as_py() >= customer_id
        return None if reached else next(self._groups, None)


def earlier_run(path: Path) -> EarlierRun | None:
    """The run in this file; None if the file is empty."""
    return EarlierRun(path) if path.stat().st_size else None


def run_in(rows: pa.Table, as_of: int) -> Run:
    """The measured run of these rows, without facts."""
    named = [name for name in rows.column_names if name not in {CUSTOMER_ID, AUDIENCES.name}]
    segments = {name: categories(rows[name]) for name in named}
    audiences = audiences_in(cast("pa.ListArray[Any]", rows[AUDIENCES.name].combine_chunks()))
    return Run(as_of, python_values(rows[CUSTOMER_ID]), segments, audiences, {})


def audiences_in(lists: "pa.ListArray[Any]") -> Audiences:
    """The audiences of customers of whom each one's are listed."""
    named = categories(pa.chunked_array([lists.flatten()]))
    members = np.zeros((len(lists), len(named.vocabulary)), dtype=np.bool_)
    members[pc.list_parent_indices(lists).to_numpy(), named.codes] = True
    return Audiences(named.vocabulary, members)
