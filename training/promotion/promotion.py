"""Promotion of a challenger, score by score: a score that is not good enough keeps the champion's model.

A score of the challenger is taken if its grade is A or B, every finding that blocks it is accepted in `tercet.toml` and
it is not worse than the champion's on the same customers, or if it is forced. A baseline that serves for want of data
claims no more than it is: it is taken unless the champion has a model of its own. Where not everything comes from the
challenger, a merged bundle is registered.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from models.bundle.bundle import Bundle, read_bundle, write_bundle
from models.bundle.bundle_verification import verify_bundle
from models.bundle.champion import Champion, read_champion, write_champion
from models.errors import BundleError, NoChampionError, TercetError
from models.score.score_model import ScoreModel
from models.scorer import Scorer
from models.targets.targets import Target, targets_of
from models.workspace import Workspace
from training.promotion.objections import Choice, choose


@dataclass(frozen=True, slots=True)
class RegisteredVersion:
    """One version of the registered model `tercet-<workspace>`, and the digest of its bundle."""

    version: str
    digest: str


class Registry(Protocol):
    """What promotion asks of the model registry."""

    def version(self, version: str | None) -> RegisteredVersion | None:
        """A version by its number, or the challenger."""

    def register(self, bundle: Bundle) -> RegisteredVersion:
        """Register a bundle as a new version."""

    def name_champion(self, registered: RegisteredVersion, tags: Mapping[str, str]) -> None:
        """Give a version the alias champion, and record how it came to that."""


@dataclass(frozen=True)
class Promotion:
    """What a promotion came to; `registered` is None if it was refused for every score."""

    choices: tuple[Choice, ...]
    registered: RegisteredVersion | None


def promote(
    workspace: Workspace,
    registry: Registry,
    *,
    version: str | None = None,
    forced_because: str | None = None,
    verify: Callable[[Path], Bundle] = verify_bundle,
) -> Promotion:
    """Promote a version (the challenger by default) as far as its grades and findings allow.

    forced_because: take every score of it all the same, for this reason, which is recorded. verify: what a bundle must
    pass before it serves. Raises TercetError if there is no such version, BundleError if its bundle is missing or
    damaged, or if the scores to be merged disagree on a feature.
    """
    chosen = registry.version(version)
    if chosen is None:
        what = "nothing was trained in this workspace yet" if version is None else f"there is no version {version}"
        raise TercetError(what, fix="tercet train")
    challenger, champion = read_version(workspace, chosen), read_current(workspace)
    targets = targets_of(workspace.config)
    accept = workspace.config.accept
    trained, outdated = as_defined(challenger, targets)
    current, forgotten = as_defined(champion, targets) if champion is not None else ({}, frozenset())
    choices = tuple(
        choose(score, trained.get(score), current.get(score), accept, forced=forced_because is not None)
        if score in trained or score in current
        else Choice(score, "nobody", "tercet.toml has redefined it since: train it again")
        for score in (target.score for target in targets)
        if score in {*trained, *current, *outdated, *forgotten}
    )
    if all(choice.taken_from != "challenger" for choice in choices):
        refused = champion is None or any(choice.fixes for choice in choices) or not trained
        return Promotion(choices, None if refused else current_version(workspace))
    sides: Mapping[str, Mapping[str, ScoreModel]] = {"challenger": trained, "champion": current}
    kept = [sides[choice.taken_from][choice.score] for choice in choices if choice.taken_from != "nobody"]
    whole = len(kept) == len(challenger.models) and all(choice.taken_from == "challenger" for choice in choices)
    bundle = challenger if whole else write_bundle(workspace.directory / "bundles", kept, workspace=workspace.name)
    if champion is not None and bundle.digest == champion.digest:
        return Promotion(choices, current_version(workspace))
    _ = Scorer(verify(bundle.directory), workspace).declared  # its scores must agree on their features
    registered = chosen if bundle.digest == challenger.digest else registry.register(bundle)
    registry.name_champion(registered, tags_of(choices, chosen, forced_because))
    write_champion(workspace.directory, Champion(registered.version, registered.digest, bundle.directory))
    return Promotion(choices, registered)


def as_defined(bundle: Bundle, targets: Sequence[Target]) -> tuple[dict[str, ScoreModel], frozenset[str]]:
    """The bundle's models of the targets as `tercet.toml` has them, and the scores it has redefined since."""
    there = [target for target in targets if target.score in bundle.models]
    fitting = {
        target.score: bundle.models[target.score] for target in there if bundle.models[target.score].predicts(target)
    }
    return fitting, frozenset(target.score for target in there) - fitting.keys()


def tags_of(choices: Sequence[Choice], chosen: RegisteredVersion, forced_because: str | None) -> dict[str, str]:
    """How a champion came to be, as tags of its version."""
    tags = {"promoted_from": chosen.version}
    tags |= {f"taken_from.{choice.score}": f"{choice.taken_from}: {choice.why}" for choice in choices}
    return tags | ({"forced_because": forced_because} if forced_because is not None else {})


def read_version(workspace: Workspace, registered: RegisteredVersion) -> Bundle:
    """The bundle of a registered version, from the workspace's folder."""
    place = workspace.directory / "bundles" / registered.digest[:16]
    if not place.is_dir():
        raise BundleError(
            f"the bundle of version {registered.version} is not here", where=str(place), fix="tercet train"
        )
    bundle = read_bundle(place)
    if bundle.digest != registered.digest:
        raise BundleError(
            f"this is not the bundle of version {registered.version}", where=str(place), fix="tercet train"
        )
    return bundle


def current_version(workspace: Workspace) -> RegisteredVersion:
    """The champion, by its pointer."""
    champion = read_champion(workspace.directory)
    return RegisteredVersion(champion.version, champion.digest)


def read_current(workspace: Workspace) -> Bundle | None:
    """The champion's bundle; None if nothing was promoted yet, or if it is damaged and so can keep nothing."""
    try:
        return read_bundle(read_champion(workspace.directory).directory)
    except (NoChampionError, BundleError):
        return None
