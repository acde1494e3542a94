"""The texts around the numbers of a score, and in which order a compiled writer puts them (`score_bytes`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from models.rows.history import Floats, Integers
from models.score.score_model import ScoreModel
from models.scored.shown_score import ShownScore, shown_number
from service.score_requests.json_writer.score_bytes import DECIMALS, NO_NUMBER, REASONS, Bytes

LARGEST = 1e11
"""Feature values from here on are written one by one: they do not fit the compiled writer's integers."""
NEARLY_HALF = 1e-3
"""So are those that might be rounded either way."""


@dataclass(frozen=True)
class Pieces:
    """The texts of one score that are the same for every customer.

    First a head and a tail of each feature's reason, then what tells its direction; after them what stands around the
    score's own figures: `around`, and `band` by code or an amount's `figures`.
    """

    model: ScoreModel
    forms: Sequence[Mapping[str, Any]]
    scale: int
    base_units: int
    currency: str
    band_words: Sequence[str]

    @classmethod
    def of(cls, score: ShownScore) -> "Pieces":
        """Those of a score; nothing of its customers stays."""
        return cls(score.model, score.forms, score.scale, score.base_units, score.currency, score.bands.vocabulary)

    @cached_property
    def all(self) -> list[bytes]:
        """Every piece."""
        heads, tails = list[bytes](), list[bytes]()
        for form in self.forms:
            told = orjson.dumps({name: form[name] for name in ("feature", "label")})
            heads.append(told[:-1] + b',"value":')
            tails.append(
                b"," + orjson.dumps({name: form[name] for name in ("unit", "group")})[1:-1] + b',"contribution":'
            )
        directions = [b',"direction":"%s","rank":' % direction for direction in (b"raises", b"lowers")]
        return [*heads, *tails, *directions, b"null", *self.around, *self.bands]

    @cached_property
    def packed(self) -> tuple[Bytes, Integers]:
        """All of them in one text, and where each starts."""
        return packed(self.all)

    @property
    def null(self) -> int:
        """The place of the piece for a missing value."""
        return 2 * len(self.forms) + 2

    @cached_property
    def before_reasons(self) -> bytes:
        """What leads to the reasons."""
        told = {"horizon_days": self.model.horizon_days, "base_value": self.base_units / self.scale}
        return b"," + orjson.dumps(told)[1:-1] + b',"reasons":['

    @cached_property
    def around(self) -> list[bytes]:
        """Before each figure of the score, in order, and after the last."""
        model = self.model
        name = orjson.dumps(model.score)
        end = b',"model":"baseline"}' if model.model == "baseline" else b"}"
        last = [b'],"other_contribution":', end]
        if model.kind == "upsell":
            start = b'{"offer":%s,"probability":' % orjson.dumps(model.score.removeprefix("upsell."))
            return [start, b',"percentile":', *last]
        if model.kind == "churn":
            return [b',%s:{"probability":' % name, b',"percentile":', *last]
        start, currency = b',%s:{"amount":' % name, b',"currency":%s,"interval":' % orjson.dumps(self.currency)
        if model.interval is None:
            return [start, currency + b'null,"percentile":', self.before_reasons, *last]
        covered = b',"coverage":%s},"percentile":' % orjson.dumps(model.interval.coverage)
        return [start, currency + b'{"low":', b',"high":', covered, self.before_reasons, *last]

    @cached_property
    def bands(self) -> list[bytes]:
        """By code, and last of those without one."""
        words = [*self.band_words, None]
        return [b',"band":%s' % orjson.dumps(word) + self.before_reasons for word in words]

    def figures(self, score: ShownScore) -> Integers:
        """For each customer, what to write in turn: a piece, a number, and its decimals or what else follows."""
        digits, first, n = len(str(score.scale)) - 1, self.null + 1, len(score.units)
        nothing, end = np.zeros(n, dtype=np.int64), first + len(self.around)
        is_amount = score.model.kind == "clv"
        band = end + score.bands.codes % (len(score.bands.vocabulary) + 1)  # -1 leads to the last
        pieces: list[int | NDArray[np.int32]] = [*range(first, end)]
        if not is_amount:
            pieces.insert(-2, band)
        written = [(score.units, digits)]
        if is_amount and score.low is not None and score.high is not None:
            written += [(whole(amounts, score.scale), digits) for amounts in (score.low, score.high)]
        written += [(whole(score.percentile, 10), 1), (nothing, REASONS)]
        written += [(score.other_units, digits), (nothing, NO_NUMBER)]
        found = np.empty((n, len(written), 3), dtype=np.int64)
        for place, (piece, (numbers, follows)) in enumerate(zip(pieces, written, strict=True)):
            found[:, place, 0], found[:, place, 1], found[:, place, 2] = piece, numbers, follows
        return found.reshape(n, -1)


def named_values(pieces: Pieces, score: ShownScore, values: Floats) -> tuple[Integers, list[bytes]]:
    """The pieces of the reasons' values that are not to be written as numbers, else -1; and those of this answer."""
    named = np.where(np.isnan(values), pieces.null, -1)
    vocabularies, own = score.model.vocabularies, list[bytes]()
    is_word = np.array([form["feature"] in vocabularies for form in score.forms], dtype=np.bool_)
    large = np.abs(values) * 10**DECIMALS
    odd = (
        (large >= LARGEST * 10**DECIMALS)
        | (np.abs(large % 1 - 0.5) < NEARLY_HALF)
        | (is_word[score.reasons] if len(is_word) else False)
    )
    for row, place in np.argwhere(odd).tolist() if odd.any() else ():
        name = score.forms[score.reasons[row, place]]["feature"]
        told = score.facts.word(row, name) if name in vocabularies else shown_number(values.item(row, place))
        named[row, place] = len(pieces.all) + len(own)
        own.append(orjson.dumps(told))
    return named, own


def packed(pieces: Sequence[bytes]) -> tuple[Bytes, Integers]:
    """Texts in one, and where each starts and the last ends."""
    starts = np.cumsum([0, *map(len, pieces)], dtype=np.int64)
    return np.frombuffer(b"".join(pieces), dtype=np.uint8).copy(), starts


def whole(amounts: Floats, scale: int) -> Integers:
    """Amounts in display units; 0 where there are none."""
    return np.rint(np.nan_to_num(amounts) * scale).astype(np.int64)
