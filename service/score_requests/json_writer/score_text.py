"""Items of many customers as JSON, straight from columns.

`Scored.item` says the same as dictionaries, and is what this is held to. Of many customers, building dictionaries takes
longer than everything else about them together; here a compiled writer fills in what differs between customers.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
import orjson

from models.rows.history import Category
from models.scored.prepared_customers import SCORED
from models.scored.scored_customers import NEXT_BEST_ACTION, TOLD_SEGMENTS, Scored
from models.scored.shown_score import ShownScore
from service.score_requests.items import Item
from service.score_requests.json_writer.score_bytes import write_scores
from service.score_requests.json_writer.score_pieces import Pieces, named_values, packed

LONGEST_NUMBER = 24


class ScoreText:
    """Writes the items of one scorer's scores."""

    def __init__(self) -> None:
        self._pieces: dict[str, Pieces] = {}

    def items(self, scored: Scored, customer_ids: Sequence[str]) -> list[Item]:
        """Everyone's items, under the ids by which they were asked for; an invalid row's has no problem yet."""
        single, offered = list[list[bytes]](), list[list[bytes]]()
        for name, score in scored.scores.items():
            (offered if score.model.kind == "upsell" else single).append(self._scores(name, score))
        segments, reasons = segments_of(scored), words(scored.status_reason)
        items = list[Item]()
        for row, (customer_id, status) in enumerate(zip(customer_ids, scored.status.codes.tolist(), strict=True)):
            start = b'{"customer_id":%s,"status":' % orjson.dumps(customer_id)
            if status != SCORED:
                why = b"" if reasons[row] == b"null" else b',"reason":' + reasons[row]
                word = scored.status.vocabulary[status]
                items.append(Item(word, orjson.Fragment(b"%s%s%s}" % (start, quoted(word), why))))
                continue
            told = b"".join([texts[row] for texts in single])
            if offered:
                told += b',"upsell":{"offers":[%s]}' % b",".join(filter(None, [texts[row] for texts in offered]))
            items.append(Item("scored", orjson.Fragment(b'%s"scored"%s%s' % (start, told, segments[row]))))
        return items

    def _scores(self, name: str, score: ShownScore) -> list[bytes]:
        """One score of each customer with its key, empty for who has none."""
        pieces = self._pieces.get(name)
        if pieces is None:
            pieces = self._pieces[name] = Pieces.of(score)
        (text, starts), n, k = pieces.packed, *score.reasons.shape
        values = np.ascontiguousarray(score.X[np.arange(n)[:, None], score.reasons])
        named, own = named_values(pieces, score, values)
        if own:
            text, starts = packed([*pieces.all, *own])
        figures = pieces.figures(score)
        longest = int(np.diff(starts).max()) + LONGEST_NUMBER
        out = np.empty(n * longest * (4 * k + figures.shape[1] // 3), dtype=np.uint8)
        offsets = np.empty(n + 1, dtype=np.int64)
        write_scores(
            text,
            starts,
            np.ascontiguousarray(score.eligible),
            figures,
            np.ascontiguousarray(score.reasons, np.int64),
            np.ascontiguousarray(score.reason_units),
            values,
            named,
            len(score.forms),
            len(str(score.scale)) - 1,
            out,
            offsets,
        )
        whole_text, places = out[: offsets[-1]].tobytes(), offsets.tolist()
        return [whole_text[start:end] for start, end in pairwise(places)]


def has_percentiles(score: ShownScore) -> bool:
    """Whether everyone who has the score has a place among others; without a reference population nobody has."""
    return not bool(np.isnan(score.percentile[score.eligible]).any())


@lru_cache(maxsize=1000)
def quoted(word: str | None) -> bytes:
    """A word as JSON."""
    return orjson.dumps(word)


def words(column: Category) -> list[bytes]:
    """A column of words as JSON."""
    known = [*map(quoted, column.vocabulary), b"null"]
    return [known[code] for code in column.codes.tolist()]


def segments_of(scored: Scored) -> list[bytes]:
    """How an item ends: the segments, the next best action null where it was not asked for, and how much is known."""
    columns = [words(scored.segments[name]) for name in TOLD_SEGMENTS]
    action, n = scored.segments.get(NEXT_BEST_ACTION), len(scored)
    columns.append(
        [b"[%s]" % b",".join(map(quoted, names)) for names in scored.audiences.lists()]
        if scored.audiences.names
        else [b"[]"] * n
    )
    columns += [[b"null"] * n if action is None else words(action), words(scored.segments["data_sufficiency"])]
    return [SEGMENTS % told for told in zip(*columns, strict=True)]


SEGMENTS = b',"segments":{%s},"data_sufficiency":%%b}' % b",".join(
    b'"%s":%%b' % name.encode() for name in (*TOLD_SEGMENTS, "audiences", NEXT_BEST_ACTION)
)
