"""Reach in words: how much better than chance a score finds those whom it is about, in customers."""

from models.score.score_model import ScoreModel

VERBS = {"churn": "leave", "upsell": "take it"}
RARE = 0.02
"""A base rate below which customers are counted per thousand."""


def reach_in_words(model: ScoreModel) -> str | None:
    """The tenth of customers with the highest scores beside as many picked by chance, as judged out of time.

    None for an amount, a baseline, and a model that was not judged. The numbers per hundred follow from the lift of
    the top tenth, with its interval, and the base rate.
    """
    lift = model.metrics.get("lift_10")
    if lift is None or model.kind not in VERBS or model.model != "boosted":
        return None
    customers = 1000 if model.base_rate < RARE else 100
    by_chance = customers * model.base_rate
    by_score = min(float(customers), lift * by_chance)
    low, high = model.metrics.get("lift_10_low", lift), model.metrics.get("lift_10_high", lift)
    doubt = "; the difference may be chance" if low <= 1 else ""
    return (
        f"of {customers:,} customers from the tenth with the highest scores some {by_score:.0f} {VERBS[model.kind]}, "
        f"of {customers:,} picked by chance {by_chance:.0f}: {lift:.1f} times as many ({low:.1f} to {high:.1f}){doubt}"
    )
