"""The scorer: from rows to scores, reasons and segments; online, batch and reports all use it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from models.bundle.bundle import Bundle
from models.consent.effective_consent import may_profile
from models.decisions.contacts.contact_history import Contacted
from models.decisions.funnel import decide
from models.errors import BundleError
from models.features.catalogue import lacking
from models.features.language.expressions import columns_read
from models.features.language.specification import Feature, declaration_hash, is_fitted
from models.features.sensitive_columns import kept_from_models, sensitive_columns
from models.rows.history import History
from models.score.score_model import ScoreModel
from models.scored.customer_preparation import Overrides, Preparing
from models.scored.customer_status import INSUFFICIENT, NOT_SCORED, SCORED
from models.scored.prepared_customers import Prepared
from models.scored.reasons import REASONS_SHOWN, Depth
from models.scored.score_presentation import Showing
from models.scored.scored_customers import Scored
from models.segments.assignment import Segmenter
from models.segments.kinds.next_best_action import NEXT_BEST_ACTION
from models.segments.policy_rules import check_policy
from models.targets.targets import Target, targets_of
from models.workspace import Workspace


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

    @cached_property
    def showings(self) -> Mapping[str, Showing]:
        """By score, how it is shown."""
        config, bands = self.workspace.config, self.workspace.policy.bands
        units, currency = config.minor_units, config.business.currency
        return {score: Showing(model, bands, units, currency) for score, model in self.bundle.models.items()}

    @cached_property
    def segmenter(self) -> Segmenter:
        """How segments are assigned."""
        return Segmenter(self.workspace, {score: self.bundle.models[score] for score in self.targets})

    @cached_property
    def _preparing(self) -> Preparing:
        models = {score: model for score, model in self.bundle.models.items() if score in self.targets}
        return Preparing(models, self.targets, self.declared, self.fitted_apart)

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
        top_reasons: int = REASONS_SHOWN,
        groups: bool = False,
        overrides: Overrides | None = None,
        contacted: Contacted | None = None,
    ) -> Scored:
        """Score every customer of `history` as of an instant (microseconds): `prepare`, then `scored`."""
        prepared = self.prepare(history, as_of, overrides=overrides)
        return self.scored(prepared, scores=scores, top_reasons=top_reasons, groups=groups, contacted=contacted)

    def prepare(self, history: History, as_of: int, *, overrides: Overrides | None = None) -> Prepared:
        """Compute all that depends on the rows of these customers alone, as of an instant (microseconds).

        overrides: feature values to assume instead, by row; a row whose values do not fit becomes "invalid".
        What the tables of `history` lack counts as missing: `check` the history that it was taken from.
        """
        return self._preparing.of(history, as_of, overrides or {})

    def scored(
        self,
        prepared: Prepared,
        *,
        scores: Sequence[str] | None = None,
        top_reasons: int = REASONS_SHOWN,
        groups: bool = False,
        contacted: Contacted | None = None,
    ) -> Scored:
        """Score customers who were prepared by this scorer.

        scores: which kinds ("churn", "clv", "upsell"), all by default; segments are always computed from all.
        groups: also sum what each group of features contributes.
        contacted: who of them was contacted; with it the segment `next_best_action` is computed, too.
        """
        allowed = may_profile(prepared, self.workspace.config.consent.default)
        status, reason = prepared.statuses(allowed)
        scorable = status.codes == SCORED
        depth, every = Depth(top_reasons, groups), {}
        for name, X in prepared.X.items():
            showing = self.showings[name]
            asked = depth if wanted(showing.model, scores) else Depth(0, groups=False)
            every[name] = showing.show(prepared.facts, X, scorable & prepared.eligible[name], asked)
        segments, audiences = self.segmenter.assign(prepared.facts, every)
        sufficiency = segments["data_sufficiency"]
        unknown = scorable & (sufficiency.codes == sufficiency.code_of("none"))
        status.codes[unknown], reason.codes[unknown] = NOT_SCORED, INSUFFICIENT
        scored = Scored(
            customer_ids=prepared.customer_ids,
            as_of=prepared.as_of,
            status=status,
            status_reason=reason,
            errors=prepared.errors,
            scores=every,
            segments=segments,
            audiences=audiences,
            facts=prepared.facts,
            consents=prepared.consents,
        )
        if contacted is not None:
            decided = decide(self.workspace, scored, contacted.contacts, contacted.now)
            segments[NEXT_BEST_ACTION.name] = decided.next_best_action
        if scores is None:
            return scored
        return replace(scored, scores={name: score for name, score in every.items() if wanted(score.model, scores)})


def wanted(model: ScoreModel, scores: Sequence[str] | None) -> bool:
    """Whether the caller asked for this kind of score."""
    return scores is None or model.kind in scores
