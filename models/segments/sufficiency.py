"""How much is known of a customer: enough for a score to mean something, or not."""

from models.workspace import LifecycleRule

SUFFICIENCY = (
    LifecycleRule(name="high", when="orders_all >= 3 and days_since_first_order >= 180"),
    LifecycleRule(name="medium", when="orders_all >= 2 or days_since_first_order >= 90"),
    LifecycleRule(name="low", when="orders_all >= 1"),
    # tables without orders: the share of features that are known
    LifecycleRule(name="high", when="features_present >= 0.9"),
    LifecycleRule(name="medium", when="features_present >= 0.6"),
    LifecycleRule(name="low", when="features_present > 0"),
    LifecycleRule(name="none"),
)
"""The first that holds; one that asks for what the workspace does not have is passed over."""
