"""Block facts: what segment report and manifest need of a part, in a file beside it, as codes and numbers."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from models.files.atomic_files import write_whole
from models.ingest.encoding.arrow_columns import python_values
from models.rows.history import Category
from models.scored.audiences import Audiences
from models.scored.scored_customers import Scored
from models.segments.report.measured_run import Run

CUSTOMER, SEGMENT, AUDIENCE, FACT = "customer_id", "segment ", "audience ", "fact "
"""How the columns are called, and what the names of the others begin with."""
ABOUT = b"about"


@dataclass(frozen=True)
class BlockFacts:
    """Of one part: its first customer, how many have each status, and the run of those who are scored, a row each."""

    first_id: str
    statuses: Mapping[str, int]
    as_of: int
    vocabularies: Mapping[str, tuple[str, ...]]
    rows: pa.Table

    def run(self) -> Run:
        """The run of those who are scored."""
        rows = self.rows
        audiences, facts = (
            tuple(name.removeprefix(kind) for name in rows.column_names if name.startswith(kind))
            for kind in (AUDIENCE, FACT)
        )
        members = np.zeros((len(rows), len(audiences)), dtype=np.bool_)
        for column, name in enumerate(audiences):
            members[:, column] = rows[AUDIENCE + name].to_numpy()
        return Run(
            as_of=self.as_of,
            customer_ids=python_values(rows[CUSTOMER]),
            segments={name: Category(rows[SEGMENT + name].to_numpy(), of) for name, of in self.vocabularies.items()},
            audiences=Audiences(audiences, members),
            facts={name: rows[FACT + name].to_numpy() for name in facts},
        )


def statuses_of(scored: Scored) -> dict[str, int]:
    """How many customers have each status."""
    words = scored.status.vocabulary
    counts = np.bincount(scored.status.codes, minlength=len(words)).tolist()
    return {word: count for word, count in zip(words, counts, strict=True) if count}


def write_facts(path: Path, scored: Scored, run: Run) -> None:
    """Write the file whole. run: of the scoring."""
    columns: dict[str, pa.Array[Any]] = {CUSTOMER: pa.array(run.customer_ids, pa.string())}
    columns |= {SEGMENT + name: pa.array(words.codes) for name, words in run.segments.items()}
    columns |= {AUDIENCE + name: pa.array(run.audiences.member(name)) for name in run.audiences.names}
    columns |= {FACT + name: pa.array(values) for name, values in run.facts.items()}
    vocabularies = {name: words.vocabulary for name, words in run.segments.items()}
    about = {
        "first_id": scored.customer_ids[0],
        "statuses": statuses_of(scored),
        "as_of": run.as_of,
        "vocabularies": vocabularies,
    }
    table = pa.table(columns).replace_schema_metadata({ABOUT: json.dumps(about).encode()})

    def write(draft: Path) -> None:
        with pa.ipc.new_file(str(draft), table.schema) as file:
            file.write_table(table)

    write_whole(path, write)


def read_facts(path: Path) -> BlockFacts:
    """Read it back; its rows stay in the file until they are looked at."""
    with pa.memory_map(str(path)) as file, pa.ipc.open_file(file) as stream:
        table = stream.read_all()
    about = json.loads(table.schema.metadata[ABOUT])
    vocabularies = {name: tuple(words) for name, words in about["vocabularies"].items()}
    return BlockFacts(about["first_id"], about["statuses"], about["as_of"], vocabularies, table)


def all_statuses(parts: Sequence[BlockFacts]) -> dict[str, int]:
    """How many customers of all parts have each status."""
    return dict(sorted(sum((Counter(part.statuses) for part in parts), Counter[str]()).items()))
