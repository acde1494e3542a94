"""Expectation features: purchases and spend that BG/NBD and Gamma-Gamma expect of a customer."""

from dataclasses import dataclass

from models.btyd.bg_nbd import BgNbd
from models.btyd.gamma_gamma import GammaGamma
from models.features.language.expected_purchases import Expected, Worth
from models.features.language.specification import Feature

NEVER_BOUGHT = "without purchases"


@dataclass(frozen=True, slots=True)
class PurchaseRhythm:
    """BG/NBD and Gamma-Gamma as fitted to a business; `value` is None where no purchase is worth anything."""

    purchases: BgNbd
    value: GammaGamma | None
    worth: Worth = "amount"

    def silence(self, days: int) -> Feature:
        """The probability of no purchase in the `days` to come."""
        return Feature(
            name=f"no_purchase_{days}d",
            label=f"Probability of no purchase {_going_by(days)}",
            unit="probability",
            group="rhythm",
            value=Expected("silence", days, self.purchases),
            missing=NEVER_BOUGHT,
            monotone={"churn": +1, "clv": -1},
        )

    def expected_purchases(self, days: int) -> Feature:
        """How many purchases are to be expected, those of one day counted as one."""
        return Feature(
            name=f"expected_purchases_{days}d",
            label=f"Purchases to be expected {_going_by(days)}",
            unit="purchases",
            group="rhythm",
            value=Expected("purchases", days, self.purchases),
            missing=NEVER_BOUGHT,
            monotone={"churn": -1, "clv": +1},
        )

    def expected_worth(self, days: int) -> Feature | None:
        """What those purchases will be worth together; None where no purchase is worth anything."""
        if self.value is None:
            return None
        name, words = {"amount": ("spend", "Spend"), "margin": ("margin", "Margin")}[self.worth]
        return Feature(
            name=f"expected_{name}_{days}d",
            label=f"{words} to be expected {_going_by(days)}",
            unit="currency",
            group="rhythm",
            value=Expected("spend", days, self.purchases, self.value, self.worth),
            missing=NEVER_BOUGHT,
            monotone={"churn": -1, "clv": +1},
        )

    def features(self, days: int) -> tuple[Feature, ...]:
        """All that is to be expected of the `days` to come."""
        worth = self.expected_worth(days)
        return (self.silence(days), self.expected_purchases(days), *([worth] if worth is not None else []))


def _going_by(days: int) -> str:
    return f"in the next {days} days, going by the purchase rhythm so far"
