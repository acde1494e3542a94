"""For whom an action is there at all: who is scored, on the channels asked for, by its rule, with a known worth."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from models.decisions.candidates import Candidate, scores_needed
from models.decisions.expected_margin import Margins
from models.decisions.hurdle import Hurdle
from models.decisions.proposal import Wish
from models.history import Booleans
from models.scored import Scored
from models.segments.facts import Facts
from models.segments.rule_evaluation import holds
from models.segments.rules import read_rule
from models.workspace import Workspace


def eligibility(
    workspace: Workspace, scored: Scored, candidates: Sequence[Candidate], margins: Margins, wish: Wish
) -> Iterator[Hurdle]:
    """The questions of this stage, in order."""
    yield Hurdle("eligibility", ~scored.is_scored[:, None], lambda row, _: _unscored(scored, row))
    if wish.channels is not None:
        other = np.array([candidate.channel not in wish.channels for candidate in candidates], dtype=np.bool_)
        yield Hurdle("eligibility", other[None, :], lambda _, column: f"not by {candidates[column].channel}: not asked")
    yield Hurdle(
        "eligibility", ~margins.known, lambda row, column: _unknown(workspace, scored, candidates[column], row)
    )
    if any(candidate.terms.when is not None for candidate in candidates):
        yield _rules(workspace, scored, candidates)


def facts_of(workspace: Workspace, scored: Scored) -> Facts:
    """What rules can ask about: features, attributes, scores and segments; audiences are no words, so not them."""
    facts = Facts(workspace.config, scored.facts, scored.scores)
    for name, words in scored.segments.items():
        facts.add(name, words)
    return facts


def _rules(workspace: Workspace, scored: Scored, candidates: Sequence[Candidate]) -> Hurdle:
    facts = facts_of(workspace, scored)
    texts = dict.fromkeys(candidate.terms.when for candidate in candidates if candidate.terms.when is not None)
    held = {text: holds(read_rule(text), facts.column, len(scored)) for text in texts}
    fails: Booleans = np.zeros((len(scored), len(candidates)), dtype=np.bool_)
    for column, candidate in enumerate(candidates):
        if candidate.terms.when is not None:
            found = held[candidate.terms.when]
            fails[:, column] = True if found is None else ~found
    return Hurdle("eligibility", fails, _broken_rule(candidates, {text for text in texts if held[text] is None}))


def _broken_rule(candidates: Sequence[Candidate], meaningless: set[str]) -> Callable[[int, int], str]:
    def reason(_: int, column: int) -> str:
        rule = candidates[column].terms.when or ""
        if rule in meaningless:
            return f"its rule `{rule}` asks for what this workspace does not have"
        return f"its rule does not hold: `{rule}`"

    return reason


def _unscored(scored: Scored, row: int) -> str:
    why = scored.status_reason.word(row) or str(scored.status.word(row))
    return f"the customer is not scored ({why.replace('_', ' ')})"


def _unknown(workspace: Workspace, scored: Scored, candidate: Candidate, row: int) -> str:
    scores, churn = scored.scores, workspace.config.churn
    lacking = [name for name in scores_needed(candidate.terms) if name not in scores or not scores[name].eligible[row]]
    if lacking:
        return f"what it is worth needs a prediction that this customer does not have: {', '.join(lacking)}"
    if candidate.terms.value == "purchase" and churn is not None and churn.definition != "inactivity":
        return f"no score tells of the next purchase: churn here is of {churn.definition}"
    return "what a purchase brings is not known: no average order value, and the action gives no margin"
