"""Score uses: what each score can be used for today, and what not, in plain words."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.score.score_model import ScoreKind
from training.findings.finding import accepted
from training.judging.evaluation import OURS, SHARES, Evaluation
from training.judging.grading import miscalibration
from training.trained_score import TrainedScore
from training.training_run import TrainingRun

UseStanding = Literal["ready", "care", "ranking", "rule", "not"]
IN_WORDS: dict[UseStanding, str] = {
    "ready": "ready to use",
    "care": "use with care",
    "ranking": "for ranking only",
    "rule": "a rule of thumb answers",
    "not": "not yet",
}
TOGETHER: dict[UseStanding, tuple[str, str]] = {
    "ready": ("is ready to use", "are ready to use"),
    "care": ("is to be used with care", "are to be used with care"),
    "ranking": ("is for ranking only", "are for ranking only"),
    "rule": ("is answered by a rule of thumb", "are answered by rules of thumb"),
    "not": ("cannot be used yet", "cannot be used yet"),
}
FULL_USE: dict[ScoreKind, str] = {
    "churn": "Choose whom to try to keep, and plan with it: of a hundred customers at 30 %, about thirty leave.",
    "clv": "Rank customers by what they will be worth, set budgets for them, and add the amounts up.",
    "upsell": "Choose to whom to make this offer, and forecast how many take it.",
}
RANKING_USE: dict[ScoreKind, str] = {
    "churn": "Choose whom to try to keep first: the order of customers is right.",
    "clv": "Rank customers by what they will be worth: the order is right.",
    "upsell": "Choose to whom to make this offer first: the order of customers is right.",
}
NEVER: dict[ScoreKind, str] = {
    "churn": "It does not say whom a contact will change: only a test with a control group does.",
    "clv": "No promise about one customer: the range beside each amount says how wide it may be.",
    "upsell": "It does not say who buys because of the offer: only a test with a control group does.",
}


@dataclass(frozen=True, slots=True)
class ScoreUse:
    """One score: its standing, its uses, what not to use it for, and one figure in words."""

    score: str
    title: str
    grade: str
    standing: UseStanding
    use_for: str
    not_for: str
    fact: str

    @property
    def in_words(self) -> str:
        """The standing for people."""
        return IN_WORDS[self.standing]


def score_uses(run: TrainingRun) -> tuple[ScoreUse, ...]:
    """Every score of a training, those that could not be trained last."""
    return (*(_use(run, score) for score in run.scores), *_missing(run))


def headline(uses: tuple[ScoreUse, ...]) -> str:
    """The standing of all scores, in a sentence: "Of 3 scores, 2 are ready to use and 1 is for ranking only."."""
    counts = Counter(use.standing for use in uses)
    parts = [
        f"{counts[standing]} {one if counts[standing] == 1 else several}"
        for standing, (one, several) in TOGETHER.items()
        if counts[standing]
    ]
    if len(uses) == 1:
        return f"The one score {parts[0][2:]}."
    told = parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
    return f"Of {len(uses)} scores, {told}."


def _use(run: TrainingRun, score: TrainedScore) -> ScoreUse:
    model, evaluation, kind = score.model, score.evaluation, score.model.kind
    accept = run.workspace.config.accept
    blocking = [f for f in score.findings if f.blocks and accepted(f.name, accept) is None]
    standing: UseStanding
    if blocking:
        standing, use_for = "not", "Nothing, until what was found is looked into."
        not_for = "; ".join(f"{finding.code}: {finding.what}" for finding in blocking) + "."
    elif model.model == "baseline" or evaluation is None:
        standing, use_for = "rule", "There is a score at all, as good as its rule of thumb and no better."
        not_for = _sentence(score.verdict.why)
    elif model.grade == "C":
        standing, use_for, not_for = "not", "Nothing yet.", _sentence(score.verdict.why)
    elif wrong := miscalibration(evaluation):
        standing, use_for = "ranking", RANKING_USE[kind]
        not_for = f"Do not plan with its numbers: {'; '.join(wrong)}."
    elif model.grade == "B":
        standing, use_for = "care", FULL_USE[kind]
        not_for = _sentence(score.verdict.why.partition(", but ")[2] or score.verdict.why)
    else:
        standing, use_for, not_for = "ready", FULL_USE[kind], NEVER[kind]
    fact = fact_of(evaluation) if evaluation is not None else ""
    return ScoreUse(model.score, title_of(model.score), model.grade, standing, use_for, not_for, fact)


def _missing(run: TrainingRun) -> Iterator[ScoreUse]:
    for finding in run.missing:
        what = f"{_sentence(finding.what)} What to do: {finding.fix}."
        yield ScoreUse(
            finding.subject, title_of(finding.subject), "", "not", "Nothing: it could not be trained.", what, ""
        )


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def title_of(score: str) -> str:
    """What a score is called for people: "Offer: bigger plan"."""
    kind, _, offer = score.partition(".")
    return {"churn": "Churn", "clv": "Customer value"}.get(kind, f"Offer: {offer.replace('_', ' ')}")


def fact_of(evaluation: Evaluation) -> str:
    """What the tenth of customers with the highest scores did, beside everyone."""
    if evaluation.kind == "clv":
        held = evaluation.gains.get(OURS)
        share = float(np.interp(0.1, SHARES, held)) if held else float("nan")
        return f"The tenth with the highest predictions brought {share:.0%} of it all." if np.isfinite(share) else ""
    everyone = evaluation.positives / evaluation.rows if evaluation.rows else float("nan")
    top = evaluation.figures["lift_10"].value * everyone
    if not np.isfinite(top):
        return ""
    came = "left" if evaluation.kind == "churn" else "took it"
    return f"Of the tenth with the highest scores {min(top, 1.0):.0%} {came}, of everyone {everyone:.0%}."
