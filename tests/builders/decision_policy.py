"""A policy with something to decide, for the small workspace of `tests.builders.small_workspace`."""

from pathlib import Path

POLICY = """
[money]
margin_share = 0.5
kappa = 0.3
contact_value = 2.0

[channels.email]
consent = "email"
contact_cost = 0.01
optout = 0.002
limits = [{ at_most = 2, days = 7 }]

[channels.phone]
consent = "phone"
contact_cost = 0.5
limits = [{ at_most = 1, days = 30 }]

[actions.retention_call]
label = "Call before they leave"
channels = ["phone", "email"]
value = "retention"
message = { tone = "personal" }

[actions.basket_mail]
channels = ["email"]
value = "offer"
offer = "big_basket"
offer_cost = 0.1
expires_after_days = 7
weights = { "page=basket" = 50.0 }
message = { incentive = "free delivery", creative = "=basket" }

[actions.hello]
channels = ["email"]
value = "purchase"
margin = 3

[contact_policy]
limits = [{ at_most = 3, days = 7 }]

[suppression]
after_served_days = 14
after_refusal_days = 90

[experiment]
holdout = 0.2
exploration = 0.1
salt = "corner-shop"

[context.page]
values = ["home", "basket"]
"""


def write_policy(workspace: Path, *more: str, without: str = "") -> Path:
    """Give the workspace this policy, without the lines that contain a word, and with more sections."""
    lines = [line for line in POLICY.splitlines() if not without or without not in line]
    (workspace / "policy.toml").write_text("\n".join([*lines, *more]) + "\n", encoding="utf-8")
    return workspace
