"""Champion comparison: a model's figures beside those of the champion at the time of its training."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChampionComparison:
    """Two models of one score compared on outcomes, of the same customers as of the same instant.

    champion: the MLflow run that the champion's model came from. rows: how many customers.
    lead, low, high: by how much our main figure (AUC, for CLV Gini) is higher, and its paired 95 % interval.
    fair: whether the champion, too, was trained on nothing from the instant on; if not, its lead may be overfitting.
    only_ours: how our numbers are miscalibrated where the champion's are not, in words; "" if they are not.
    """

    champion: str
    rows: int
    lead: float
    low: float
    high: float
    fair: bool
    only_ours: str = ""
