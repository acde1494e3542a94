"""What a run was made with."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Versions:
    """The bundle, as it is registered, and the policy."""

    bundle_version: str
    policy_version: str
