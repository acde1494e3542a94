"""Items of the HTTP contract as JSON text, straight from columns.

`Scored.item` says the same as dictionaries, and is what this is held to; building those first takes four times as long,
which for many customers is most of the time of an answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np
import orjson

from models.bundle import Bundle
from models.history import Category
from models.score_model import ScoreModel
from models.scored import NEXT_BEST_ACTION, TOLD_SEGMENTS, Scored
from models.shown_score import ShownScore

MOST_REASONS = 50
"""As many as a request may ask for."""
ENDS = {
    raises: [f',"direction":"{direction}","rank":{rank + 1}}}' for rank in range(MOST_REASONS)]
    for raises, direction in ((True, "raises"), (False, "lowers"))
}


class Item(NamedTuple):
    """One customer's item: its status, and all of it as JSON."""

    status: str
    text: str


class Fixed(NamedTuple):
    """What the items of one score have in common. heads, tails: around the value of each feature's reason."""

    heads: Sequence[str]
    tails: Sequence[str]
    start: str
    horizon: str
    marks: str


@dataclass(frozen=True)
class ScoreText:
    """Writes items of one bundle's scores. currency: of amounts."""

    bundle: Bundle
    currency: str

    @cached_property
    def _fixed(self) -> dict[str, Fixed]:
        return {name: self._of_model(name, model) for name, model in self.bundle.models.items()}

    def items(self, scored: Scored, customer_ids: Sequence[str], *, groups: bool = False) -> list[Item]:
        """Everyone's items, under the ids by which they were asked for; an invalid row's has no problem yet.

        groups: also tell what each group of features contributes.
        """
        scores = {name: list(self._of_score(name, score, groups)) for name, score in scored.scores.items()}
        single = [name for name, score in scored.scores.items() if score.model.kind != "upsell"]
        offered = [name for name, score in scored.scores.items() if score.model.kind == "upsell"]
        segments = segments_text(scored)
        sufficiency = words(scored.segments["data_sufficiency"])
        reasons = words(scored.status_reason)
        items = []
        for row, (customer_id, status) in enumerate(zip(customer_ids, scored.status.words(), strict=True)):
            start = f'{{"customer_id":{orjson.dumps(customer_id).decode()},"status":"{status}"'
            if status != "scored":
                why = "" if reasons[row] == "null" else f',"reason":{reasons[row]}'
                items.append(Item(str(status), f"{start}{why}}}"))
                continue
            told = "".join([scores[name][row] for name in single])
            if offered:
                offers = ",".join(filter(None, [scores[name][row] for name in offered]))
                told += f',"upsell":{{"offers":[{offers}]}}'
            items.append(
                Item("scored", f'{start}{told},"segments":{segments[row]},"data_sufficiency":{sufficiency[row]}}}')
            )
        return items

    def _of_score(self, name: str, score: ShownScore, groups: bool) -> Iterator[str]:
        """One score of each customer with its key, empty for who has none."""
        heads, tails, start, horizon, marks = self._fixed[name]
        scale, base = score.scale, f',"base_value":{score.base_units / score.scale!r},"reasons":['
        columns, amounts = score.reasons.tolist(), score.reason_units.tolist()
        values = np.take_along_axis(score.X, score.reasons, axis=1).tolist()
        named = score.model.vocabularies
        bands, ranges = words(score.bands), intervals(score)
        others, percentiles = score.other_units.tolist(), score.percentile.tolist()
        for row, (there, units) in enumerate(zip(score.eligible.tolist(), score.units.tolist(), strict=True)):
            if not there:
                yield ""
                continue
            reasons = list[str]()
            for column, amount, value in zip(columns[row], amounts[row], values[row], strict=True):
                if amount:
                    feature = score.model.declarations[column].name if named else ""
                    shown = quoted(score.facts.word(row, feature)) if feature in named else number(value)
                    end = ENDS[amount > 0][len(reasons)]
                    reasons.append(f"{heads[column]}{shown}{tails[column]}{amount / scale!r}{end}")
            what, standing = repr(units / scale), f',"percentile":{figure(percentiles[row])}'
            if score.model.kind == "clv":
                what += f',"currency":"{self.currency}","interval":{ranges[row]}{standing}'
            else:
                what += f'{standing},"band":{bands[row]}'
            extra = f',"groups":{orjson.dumps(score.groups_of(row)).decode()}' if groups else ""
            rest = f'],"other_contribution":{others[row] / scale!r}{marks}{extra}}}'
            yield f"{start}{what}{horizon}{base}{','.join(reasons)}{rest}"

    def _of_model(self, name: str, model: ScoreModel) -> Fixed:
        heads, tails = list[str](), list[str]()
        for feature in model.declarations:
            unit = self.currency if feature.unit == "currency" else feature.unit
            heads.append(f'{{"feature":{quoted(feature.name)},"label":{quoted(feature.label)},"value":')
            tails.append(f',"unit":{quoted(unit)},"group":{quoted(feature.group)},"contribution":')
        match model.kind:
            case "churn":
                start = f',{quoted(name)}:{{"probability":'
            case "clv":
                start = f',{quoted(name)}:{{"amount":'
            case _:
                start = f'{{"offer":{quoted(name.removeprefix("upsell."))},"probability":'
        horizon = f',"horizon_days":{orjson.dumps(model.horizon_days).decode()}'
        return Fixed(heads, tails, start, horizon, ',"model":"baseline"' if model.model == "baseline" else "")


@lru_cache(maxsize=10_000)
def quoted(word: str | None) -> str:
    """A word as JSON."""
    return orjson.dumps(word).decode()


def words(column: Category) -> list[str]:
    """A column of words as JSON."""
    known = [*map(quoted, column.vocabulary), "null"]
    return [known[code] for code in column.codes.tolist()]


def number(value: float) -> str:
    """A feature's value as people see it: whole, or to four decimals (`models.shown_score.shown_number`)."""
    if value != value:  # noqa: PLR0124 - NaN alone differs from itself
        return "null"
    return str(int(value)) if value.is_integer() else repr(round(value, 4))


def figure(value: float) -> str:
    """A figure as it is, null where there is none."""
    return "null" if value != value else repr(value)  # noqa: PLR0124


def intervals(score: ShownScore) -> list[str]:
    """Where the amounts lie."""
    if score.low is None or score.high is None or score.model.interval is None:
        return ["null"] * len(score.units)
    end = f',"coverage":{score.model.interval.coverage!r}}}'
    pairs = zip(score.low.tolist(), score.high.tolist(), strict=True)
    return [f'{{"low":{figure(low)},"high":{figure(high)}{end}' for low, high in pairs]


def segments_text(scored: Scored) -> list[str]:
    """Everyone's segments; the next best action is null where it was not asked for."""
    columns: list[Any] = [words(scored.segments[name]) for name in TOLD_SEGMENTS]
    nobody = ["null"] * len(scored)
    actions = words(scored.segments[NEXT_BEST_ACTION]) if NEXT_BEST_ACTION in scored.segments else nobody
    keys = [f'"{name}":' for name in TOLD_SEGMENTS]
    audiences = [",".join(map(quoted, names)) for names in scored.audiences.lists()]
    return [
        f'{{{",".join(map("".join, zip(keys, named, strict=True)))},"audiences":[{of}],"{NEXT_BEST_ACTION}":{action}}}'
        for named, of, action in zip(zip(*columns, strict=True), audiences, actions, strict=True)
    ]
