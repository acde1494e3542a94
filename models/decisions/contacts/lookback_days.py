"""Lookback: the number of days for which a past contact matters to a policy."""

from models.workspace.policy_toml import Policy


def days_back(policy: Policy) -> int:
    """The days of contacts that the funnel looks at, at most: what is older changes nothing."""
    of_channels = (limit for channel in policy.channels.values() for limit in channel.limits)
    limits = [*policy.contact_policy.limits, *of_channels]
    rules = policy.suppression
    return max(
        rules.after_served_days,
        rules.after_refusal_days,
        # the last contact may lie `rest_days` back, and those that count with it `days` before that
        0 if rules.after_silence is None else rules.after_silence.days + rules.after_silence.rest_days,
        *(limit.days for limit in limits),
        *(exclusion.days for exclusion in policy.exclusions),
    )
