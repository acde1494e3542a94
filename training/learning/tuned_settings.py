"""Tuned settings of one score, and whether they are used."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from training.judging.bootstrap import Figure
from training.learning.recipes import Recipe


@dataclass(frozen=True)
class Tuned:
    """The best of the settings tried beside the settings as they were.

    why: why the settings stay, or are changed, in words. recipe: the changed one, None where they stay.
    trials: settings tried, the defaults included; 0 where nothing could be tried. validated: on what, in words.
    loss: its name. default, best: mean losses (lower is better). gain: how much lower the best one is, with the
    interval that had to be clear of zero, and settings: of the best trial; none where nothing was better.
    """

    score: str
    why: str
    recipe: Recipe | None = None
    trials: int = 0
    validated: str = ""
    loss: str = ""
    default: float = float("nan")
    best: float = float("nan")
    gain: Figure | None = None
    settings: Mapping[str, float] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, Any]:
        """For MLflow, beside the parameters that were used."""
        if not self.trials:
            return {"tuning": self.why}
        return {
            "tuning": self.why,
            "tuning_trials": self.trials,
            "tuning_validated": self.validated,
            "tuning_loss": self.loss,
            "tuning_default": self.default,
            "tuning_best": self.best,
            **({"tuning_gain": self.gain.value, "tuning_gain_low": self.gain.low} if self.gain else {}),
            **{f"tuning_best_{name}": value for name, value in self.settings.items()},
        }

    @property
    def lines(self) -> tuple[str, ...]:
        """For people on a terminal."""
        if not self.trials:
            return (f"not tuned: {self.why}",)
        lines = [f"tuned: {self.why}", f"  {self.trials} trials on {self.validated}"]
        if self.gain is None:
            return (*lines, f"  {self.loss} {self.default:.5g}")
        gain = f"{self.gain.value:+.3g} ({self.gain.low:+.3g} to {self.gain.high:+.3g})"
        best = ", ".join(f"{name} {value:.3g}" for name, value in self.settings.items())
        beside = f"  {self.loss} {self.default:.5g} as it was, {self.best:.5g} at best, gain {gain}"
        return (*lines, beside, f"  best: {best}")
