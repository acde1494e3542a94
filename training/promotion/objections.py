"""Score choice: for one score the challenger's model unless something is against it and it is not forced.

What speaks against a challenger: a blocking finding that `tercet.toml` does not accept, grade C, and being worse than
the champion on the same customers, where both knew equally little of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from models.score.score_model import ScoreModel
from models.score.score_model_json import to_json
from training.findings.finding import accepted


@dataclass(frozen=True, slots=True)
class Objection:
    """A reason against promoting a challenger, and what can be done about it."""

    what: str
    fix: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Whose model of one score will serve, and why, for people; where a challenger was refused, what can be done."""

    score: str
    taken_from: Literal["challenger", "champion", "nobody"]
    why: str
    fixes: tuple[str, ...] = ()


def choose(
    score: str,
    challenger: ScoreModel | None,
    champion: ScoreModel | None,
    accept: Mapping[str, str],
    *,
    forced: bool,
) -> Choice:
    """Whose model of this score serves from now on."""
    kept: Literal["champion", "nobody"] = "champion" if champion is not None else "nobody"
    if challenger is None:
        return Choice(score, kept, "was not trained")
    if champion is not None and is_same(challenger, champion):
        return Choice(score, kept, "it is the champion's already")
    against = objections(challenger, champion, accept)
    if not against:
        return Choice(score, "challenger", compared(challenger, champion))
    words = "; ".join(objection.what for objection in against)
    if forced:
        return Choice(score, "challenger", f"forced, though {words}")
    return Choice(score, kept, words, tuple(objection.fix for objection in against))


def is_same(one: ScoreModel, other: ScoreModel) -> bool:
    """Whether two models are one, by all that is written of them."""
    texts = [model.booster.model_to_string() if model.booster is not None else "" for model in (one, other)]
    return texts[0] == texts[1] and to_json(one) == to_json(other)


def objections(challenger: ScoreModel, champion: ScoreModel | None, accept: Mapping[str, str]) -> Sequence[Objection]:
    """What keeps a model from being promoted; nothing if it may be."""
    against = [
        Objection(f"{name} is not accepted", f'remove its cause, or write [accept] "{name}" = "the reason"')
        for name in challenger.findings
        if accepted(name, accept) is None
    ]
    if challenger.model == "baseline":
        has_own = champion is not None and champion.model == "boosted"
        wait = "nothing: the champion serves until there are data enough"
        return [*against, Objection("it is a baseline for want of data", wait)] if has_own else against
    if challenger.grade == "C":
        fix = (
            "bring what tells customers apart (more history, interactions, attributes); the report says what it lost to"
        )
        against.append(Objection("its grade is C", fix))
    return [*against, *worse_than(challenger, champion)]


def worse_than(challenger: ScoreModel, champion: ScoreModel | None) -> Sequence[Objection]:
    """What makes the challenger worse than the champion on the same customers, beyond chance; nothing if not shown."""
    beside = challenger.beside_champion
    if champion is None or beside is None or not beside.fair or beside.champion != champion.run_id:
        return []
    keep = "keep the champion, and look at what has changed in the data since; train again when there is more of them"
    if beside.high < 0:
        return [Objection(f"it is worse than the champion: {lead_in_words(challenger)}", keep)]
    if beside.only_ours and not beside.low > 0:
        what = f"{beside.only_ours}, unlike the champion's on the same {beside.rows:,} customers"
        return [Objection(what, keep)]
    return []


def compared(challenger: ScoreModel, champion: ScoreModel | None) -> str:
    """Why the challenger is taken: its grade, and how it did beside the champion."""
    if challenger.model == "baseline":
        return "a baseline"
    name, figure = ("Gini", "gini") if challenger.kind == "clv" else ("AUC", "auc")
    words = f"grade {challenger.grade}, {name} {challenger.metrics.get(figure, float('nan')):.3f}"
    if champion is None:
        return words
    if champion.model == "baseline":
        return f"{words} (champion: a baseline)"
    return f"{words}; {beside_in_words(challenger, champion)}"


def beside_in_words(challenger: ScoreModel, champion: ScoreModel) -> str:
    """How it did beside the champion, or why that is not known."""
    beside = challenger.beside_champion
    if challenger.horizon_days is None:
        return "not compared with the champion, which has learnt from these customers' outcomes"
    if beside is None or beside.champion != champion.run_id:
        return "not compared with the present champion: it was trained before that, or where no window could tell"
    if not beside.fair:
        return f"beside the champion, which knew part of the window, {lead_in_words(challenger)}"
    return f"{'better than' if beside.low > 0 else 'beside'} the champion: {lead_in_words(challenger)}"


def lead_in_words(challenger: ScoreModel) -> str:
    """The lead over the champion, with its interval and how many customers it was measured on."""
    beside = challenger.beside_champion
    if beside is None:
        return ""
    name = "Gini" if challenger.kind == "clv" else "AUC"
    chance = "" if beside.low > 0 or beside.high < 0 else ", which may be chance"
    interval = f"[{beside.low:+.3f} to {beside.high:+.3f}]"
    return f"{name} {beside.lead:+.3f} {interval} on the same {beside.rows:,} customers{chance}"
