"""Reach of a policy: how many of today's customers each action reaches, before contact limits are applied."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from models.decisions.candidates.candidates import Candidate
from models.decisions.choice.decisions import Decisions
from models.rows.history import Integers


@dataclass(frozen=True)
class Reach:
    """Customers by candidate, (k,) each.

    scored: how many customers are scored. meant: of them, for whom the rule holds and whose worth is known. allowed:
    who of those consented to the channel. worthwhile: for whom of those it brings more than it costs.
    """

    candidates: Sequence[Candidate]
    scored: int
    meant: Integers
    allowed: Integers
    worthwhile: Integers

    @classmethod
    def of(cls, decisions: Decisions) -> "Reach":
        """Of one block's customers, decided without any contact."""
        left, lost = decisions.passage.left, decisions.passage.hurdles
        meant = ~np.isin(left, [place for place, hurdle in lost.items() if hurdle.stage == "eligibility"])
        allowed = meant & ~np.isin(left, [place for place, hurdle in lost.items() if hurdle.stage == "consent"])
        return cls(
            candidates=decisions.candidates,
            scored=int(decisions.scored.is_scored.sum()),
            meant=meant.sum(axis=0),
            allowed=allowed.sum(axis=0),
            worthwhile=(allowed & (decisions.margins.total > 0)).sum(axis=0),
        )

    @classmethod
    def together(cls, blocks: "Sequence[Reach]") -> "Reach":
        """Of all blocks' customers."""
        return cls(
            candidates=blocks[0].candidates,
            scored=sum(block.scored for block in blocks),
            meant=np.sum([block.meant for block in blocks], axis=0),
            allowed=np.sum([block.allowed for block in blocks], axis=0),
            worthwhile=np.sum([block.worthwhile for block in blocks], axis=0),
        )

    def story(self) -> Iterator[str]:
        """The reach in words, a line a candidate."""
        for place, candidate in enumerate(self.candidates):
            meant, allowed, worthwhile = (int(of[place]) for of in (self.meant, self.allowed, self.worthwhile))
            yield (
                f"{candidate.action} by {candidate.channel}: for {meant:,} of {self.scored:,} scored customers, "
                f"{allowed:,} of them with consent, worth its cost for {worthwhile:,}"
            )

    def warnings(self) -> Iterator[str]:
        """Actions that nobody gets, and channels on which nobody gets them."""
        told = set[str]()
        for place, candidate in enumerate(self.candidates):
            name = f"{candidate.action} by {candidate.channel}"
            if candidate.action in told:
                continue
            if not self.meant[place]:
                why = "its rule holds" if candidate.terms.when else "the scores that it needs are there"
                told.add(candidate.action)
                yield f"actions.{candidate.action}: {why} for none of today's customers"
            elif not self.allowed[place]:
                yield f"{name} reaches nobody: none of those it is for has consented to {candidate.reach.consent}"
            elif not self.worthwhile[place]:
                yield f"{name} is worth its cost for nobody"
