"""Champion comparison: a model's figures beside those of the champion at the time of its training."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChampionComparison:
    """Two models of one score held against what came, of the same customers as of the same instant.

    champion: the MLflow run that the champion's model came from. rows: how many customers.
    lead, low, high: by how much our main figure (AUC, for CLV Gini) is higher, and its paired 95 % interval.
    fair: whether the champion, too, knew nothing from the instant on; if not, a lead of its own may be memory.
    only_ours: what is wrong with our numbers as numbers and not with the champion's, in words; "" if nothing is.
    """

    champion: str
    rows: int
    lead: float
    low: float
    high: float
    fair: bool
    only_ours: str = ""
