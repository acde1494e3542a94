"""Eligibility stage: scored customers, requested channels, the action's rule, and a known value of the action."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.decisions.candidates.candidates import Candidate, scores_needed
from models.decisions.candidates.proposals import Wish
from models.decisions.candidates.stage import Hurdle
from models.decisions.worth.expected_margin import Margins
from models.rows.history import Booleans
from models.scored.scored_customers import Scored
from models.segments.rules.rule_evaluation import Held
from models.segments.rules.rule_facts import Facts
from models.workspace import Workspace

EVERYONE = "True"
ALL_ASKED = np.zeros(0, dtype=np.bool_)


@dataclass(frozen=True)
class Eligibility:
    """The questions of this stage."""

    workspace: Workspace
    candidates: Sequence[Candidate]

    @cached_property
    def _rules(self) -> tuple[str, ...]:
        """The rule of each candidate; nothing where none has one."""
        rules = tuple(candidate.terms.when or EVERYONE for candidate in self.candidates)
        return () if set(rules) <= {EVERYONE} else rules

    def held(self, scored: Scored) -> Held | None:
        """For whom the rules of the candidates hold, (n, k); None where none has a rule."""
        return facts_of(self.workspace, scored).hold(self._rules) if self._rules else None

    def not_asked(self, wish: Wish) -> Booleans:
        """The candidates on channels that are not requested, (k,); empty where all are."""
        channels = wish.channels
        if channels is None:
            return ALL_ASKED
        return np.array([candidate.channel not in channels for candidate in self.candidates], dtype=np.bool_)

    def hurdles(self, scored: Scored, margins: Margins, wish: Wish, held: Held | None) -> Iterator[Hurdle]:
        """The questions, in order."""
        candidates = self.candidates
        yield Hurdle("eligibility", ~scored.is_scored[:, None], lambda row, _: _unscored(scored, row))
        if wish.channels is not None:
            yield Hurdle(
                "eligibility",
                self.not_asked(wish)[None, :],
                lambda _, column: f"not by {candidates[column].channel}: not asked",
            )
        yield Hurdle(
            "eligibility",
            ~margins.known,
            lambda row, column: _unknown(self.workspace, scored, candidates[column], row),
        )
        if held is not None:
            yield self._by_rule(held)

    def _by_rule(self, held: Held) -> Hurdle:
        def reason(_: int, column: int) -> str:
            rule = self._rules[column]
            if not held.known[column]:
                return f"its rule `{rule}` asks for what this workspace does not have"
            return f"its rule does not hold: `{rule}`"

        fails: Booleans = ~held.held
        return Hurdle("eligibility", fails, reason)


def facts_of(workspace: Workspace, scored: Scored) -> Facts:
    """What rules can ask about: features, attributes, scores and segments; audiences are no words, so not them."""
    facts = Facts(workspace.config, scored.facts, scored.scores)
    for name, words in scored.segments.items():
        facts.add(name, words)
    return facts


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
