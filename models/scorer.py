"""From rows to scores, reasons and segments: the one path that online, batch and reports all take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from models.as_of import AsOf
from models.bands import BANDS, band_places
from models.bundle import Bundle
from models.consent import may_profile
from models.decisions.contact_history import Contacted
from models.decisions.funnel import decide
from models.errors import BundleError, FeatureError
from models.features.assemble import assemble
from models.features.catalogue import every_feature, lacking
from models.features.expressions import columns_read
from models.features.frame import FeatureFrame
from models.features.sensitive import kept_from_models, sensitive_columns
from models.features.specification import Feature, declaration_hash, is_fitted
from models.history import Booleans, Floats, History
from models.reasons import Depth, by_group, explain
from models.score_model import ScoreModel
from models.score_units import row_sums, shown
from models.scored import PROBABILITY_UNITS, Scored, ShownScore
from models.segments.assignment import NEXT_BEST_ACTION, assign_segments
from models.segments.rule_check import check_policy
from models.targets import Target, targets_of
from models.workspace import Workspace

Number = TypeVar("Number", np.float64, np.int64, np.intp)
FeatureValue = float | int | str | bool | None


@dataclass(frozen=True)
class Scorer:
    """A bundle and a workspace's definitions, ready to score. Immutable and safe to share between threads."""

    bundle: Bundle
    workspace: Workspace

    @cached_property
    def targets(self) -> Mapping[str, Target]:
        """The targets of the bundle's models, by score."""
        ranks = [model.top_plan_rank for model in self.bundle.models.values() if model.top_plan_rank is not None]
        declared = targets_of(self.workspace.config, top_plan_rank=max(ranks, default=None))
        return {target.score: target for target in declared if target.score in self.bundle.models}

    @cached_property
    def declared(self) -> dict[str, Feature]:
        """The features of the bundle's models, as they were declared in training. BundleError if two disagree.

        Of one that was fitted anew in each training (`fitted_apart`) the first.
        """
        declared: dict[str, Feature] = {}
        for model in self.bundle.models.values():
            for feature in model.declarations:
                known = declared.setdefault(feature.name, feature)
                if not is_fitted(feature) and declaration_hash(known) != declaration_hash(feature):
                    what = f"its scores were trained with two definitions of the feature {feature.name!r}"
                    raise BundleError(what, where=str(self.bundle.directory), fix="train all scores again")
        return declared

    @cached_property
    def fitted_apart(self) -> Mapping[str, tuple[Feature, ...]]:
        """By score, the features that its own training fitted to other numbers than `declared` holds."""
        return {
            score: tuple(
                feature
                for feature in model.declarations
                if is_fitted(feature) and declaration_hash(self.declared[feature.name]) != declaration_hash(feature)
            )
            for score, model in self.bundle.models.items()
        }

    def check(self, history: History) -> None:
        """Whether bundle, policy and the workspace's tables go together.

        Raises BundleError on a score that has been redefined since it was trained, and on a column that the bundle's
        features read and the tables lack, or that has been declared sensitive since; WorkspaceError on a rule of the
        policy that means nothing here, and on a sensitive column that the tables lack.
        """
        check_policy(self.workspace, history)
        for score, target in self.targets.items():
            model = self.bundle.models[score]
            if not model.predicts(target):
                what = f"{score} was trained as {model.label!r}, and tercet.toml now defines {target.label!r}"
                raise BundleError(what, fix="tercet train and tercet promote, or put the definition back")
        kept = kept_from_models(sensitive_columns(self.workspace.config.sensitive, history))
        for feature in self.declared.values():
            for table, column in sorted(lacking(history, feature)):
                what = f"the models were trained with {table}.{column}, which these tables do not have"
                raise BundleError(what, fix="give the column back, or train again without it")
            for table, column in sorted(kept & columns_read(feature.value)):
                what = f"the models were trained with {table}.{column}, which tercet.toml now declares sensitive"
                fix = "tercet train and tercet promote, or say under [sensitive] as_features why models may read it"
                raise BundleError(what, fix=fix)

    def score(
        self,
        history: History,
        as_of: int,
        *,
        scores: Sequence[str] | None = None,
        top_reasons: int = 4,
        groups: bool = False,
        overrides: Mapping[int, Mapping[str, FeatureValue]] | None = None,
        contacted: Contacted | None = None,
    ) -> Scored:
        """Score every customer of `history` as of an instant (microseconds).

        scores: which kinds ("churn", "clv", "upsell"), all by default; segments are always computed from all.
        groups: also sum what each group of features contributes.
        overrides: feature values to assume instead, by row; a row whose values do not fit becomes "invalid".
        contacted: who of them was contacted; with it the segment `next_best_action` is told, too.
        What the tables of `history` lack counts as missing: `check` the history that it was taken from.
        """
        view = AsOf(history, as_of)
        features = {feature.name: feature for feature in every_feature(history)} | self.declared
        frame = assemble(tuple(features.values()), view)
        errors = apply_overrides(frame, overrides or {})
        eligible = {score: target.eligible(view) for score, target in self.targets.items()}
        status, reasons = self._statuses(view, eligible, errors)
        scorable = np.array([word == "scored" for word in status], dtype=np.bool_)
        depth = Depth(top_reasons, groups)
        every = {}
        for name, model in self.bundle.models.items():
            if name not in self.targets:
                continue
            seen = self._seen_by(name, frame, view, overrides or {})
            asked = depth if wanted(model, scores) else Depth(0, groups=False)
            every[name] = self._score_one(model, seen, scorable & eligible[name], asked)
        segments = assign_segments(self.workspace, frame, history, every)
        for row, sufficiency in enumerate(segments["data_sufficiency"]):
            if sufficiency == "none" and status[row] == "scored":
                status[row], reasons[row] = "not_scored", "insufficient_data"
        scored = Scored(
            customer_ids=history.customer_ids,
            as_of=as_of,
            status=status,
            status_reason=reasons,
            errors=errors,
            scores=every,
            segments=segments,
            frame=frame,
            currency=self.workspace.config.business.currency,
        )
        if contacted is not None:
            decided = decide(self.workspace, scored, history, contacted.contacts, contacted.now)
            segments[NEXT_BEST_ACTION] = [decided.next_best_action(row) for row in range(len(scored))]
        return replace(scored, scores={name: score for name, score in every.items() if wanted(score.model, scores)})

    def _seen_by(
        self, score: str, frame: FeatureFrame, view: AsOf, overrides: Mapping[int, Mapping[str, FeatureValue]]
    ) -> FeatureFrame:
        """The frame with the numbers of this score's own fit."""
        apart = self.fitted_apart[score]
        if not apart:
            return frame
        own = assemble(apart, view)
        apply_overrides(own, {row: {k: v for k, v in of.items() if k in own.columns} for row, of in overrides.items()})
        return FeatureFrame(frame.features, frame.columns | own.columns, len(frame))

    def _statuses(
        self, view: AsOf, eligible: Mapping[str, Booleans], errors: Mapping[int, FeatureError]
    ) -> tuple[list[str], list[str | None]]:
        refused = ~may_profile(view.history, self.workspace.config.consent.default)
        known = np.zeros(len(view.history), dtype=np.bool_)
        for mask in eligible.values():
            known |= mask
        # Where there are only subscriptions, one that has ended makes no prospect.
        former = view.ends("subscriptions") > view.starts("subscriptions")
        left = former & ("orders" not in view.history.tables)
        status, reasons = [], list[str | None]()
        for row in range(len(view.history)):
            stranger = "not_eligible" if left[row] else "prospect"
            reason = "no_profiling_consent" if refused[row] else None if known[row] else stranger
            status.append("invalid" if row in errors else "not_scored" if reason else "scored")
            reasons.append(None if row in errors else reason)
        return status, reasons

    def _score_one(self, model: ScoreModel, frame: FeatureFrame, eligible: Booleans, depth: Depth) -> ShownScore:
        rows = np.flatnonzero(eligible)
        found, strongest_columns = explain(model, frame, rows, depth)
        parts = np.take_along_axis(found.contributions, strongest_columns, axis=1)
        rest = found.scores - found.base - row_sums(parts)
        groups, of_group = by_group(model, found.contributions) if depth.groups else ((), np.empty((len(rows), 0)))
        scale = self.workspace.config.minor_units if model.kind == "clv" else PROBABILITY_UNITS
        units, base_units, part_units = shown(found.scores, found.base, np.column_stack([parts, rest]), scale)
        low, high = money_range(model, found.scores, scale)
        total = len(eligible)
        return ShownScore(
            model=model,
            frame=frame,
            eligible=eligible,
            scale=scale,
            units=spread(units, rows, total),
            base_units=base_units,
            percentile=spread(np.round(model.reference.percentile(found.scores), 1), rows, total, np.nan),
            bands=self._bands(model, found.scores, rows, total),
            reasons=spread(strongest_columns, rows, total),
            reason_units=spread(part_units[:, :-1], rows, total),
            other_units=spread(part_units[:, -1], rows, total),
            groups=groups,
            group_units=spread(
                shown(found.scores, found.base, of_group, scale)[2] if groups else of_group.astype(np.int64),
                rows,
                total,
            ),
            low=None if low is None else spread(low, rows, total, np.nan),
            high=None if high is None else spread(high, rows, total, np.nan),
        )

    def _bands(self, model: ScoreModel, scores: Floats, rows: NDArray[np.intp], total: int) -> list[str | None]:
        bands: list[str | None] = [None] * total
        if model.kind == "clv":
            return bands
        places = band_places(scores, model.reference, self.workspace.policy.bands)
        for row, place in zip(rows.tolist(), places.tolist(), strict=True):
            bands[row] = BANDS[place]
        return bands


def wanted(model: ScoreModel, scores: Sequence[str] | None) -> bool:
    """Whether the caller asked for this kind of score."""
    return scores is None or model.kind in scores


def apply_overrides(
    frame: FeatureFrame, overrides: Mapping[int, Mapping[str, FeatureValue]]
) -> dict[int, FeatureError]:
    """Put assumed values in the frame; what did not fit, by row."""
    errors: dict[int, FeatureError] = {}
    for row, values in overrides.items():
        try:
            frame.override(row, values)
        except FeatureError as error:
            errors[row] = error
    return errors


def money_range(model: ScoreModel, scores: Floats, scale: int) -> tuple[Floats | None, Floats | None]:
    """The interval of an amount, rounded to minor units."""
    if model.interval is None:
        return None, None
    low, high = model.interval.bounds(scores)
    return np.rint(low * scale) / scale, np.rint(high * scale) / scale


def spread(part: NDArray[Number], rows: NDArray[np.intp], total: int, fill: float = 0) -> NDArray[Number]:
    """Back to one row a customer, `fill` where there is nothing."""
    full = np.full((total, *part.shape[1:]), fill, dtype=part.dtype)
    full[rows] = part
    return full
