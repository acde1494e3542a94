"""Population findings: limits of population drift, and the findings beyond them.

Errors are for what breaks scores. A feature that is merely spread otherwise is a warning at most, unless much of a
model rests on it and the scores have moved with it: newsletters go out on Tuesdays, and every Monday the days since the
last one are another population. One that grows by the mere passing of time is never told.
"""

from collections.abc import Iterator, Sequence

from training.findings.finding import Finding
from training.monitoring.population_drift import FeatureDrift, PopulationDrift

SOME_DRIFT, MUCH_DRIFT = 0.10, 0.25
"""The field's limits of PSI: below the first the population counts as stable, above the second as another one."""
OF_NOTE, HEAVY = 0.05, 0.25
"""What share of a model rests on a feature that matters, and on one without which it is another model."""
MISSING_MORE, MISSING_MUCH_MORE = 0.10, 0.20
UNSEEN_SOME, UNSEEN_MANY = 0.01, 0.05
FEWER, FAR_FEWER = 0.8, 0.5
RETRAIN = "if the customers have really changed: tercet train, and tercet promote"


def population_findings(drifts: Sequence[PopulationDrift]) -> Iterator[Finding]:
    """The findings about the populations of all scores; a feature of several scores is reported once, at its worst."""
    by_feature: dict[tuple[str, str], Finding] = {}
    for drift in drifts:
        yield from size_findings(drift)
        yield from score_findings(drift)
        for feature in drift.features:
            for finding in feature_findings(drift, feature):
                key = finding.code[1:], finding.subject
                if key not in by_feature or (finding.severity, by_feature[key].severity) == ("error", "warning"):
                    by_feature[key] = finding
    yield from by_feature.values()


def size_findings(drift: PopulationDrift) -> Iterator[Finding]:
    """Customers who have gone from the tables; of an offer that may be its success, and no error."""
    then, now = drift.customers
    if now < FEWER * then and then - now > 3 * then**0.5:
        code = "E706" if now < FAR_FEWER * then and not drift.score.startswith("upsell.") else "W706"
        what = f"{now:,} customers can be scored, {then:,} could at the cut-off"
        yield Finding(code, drift.score, what, "check that the tables were delivered whole, and the consents")


def score_findings(drift: PopulationDrift) -> Iterator[Finding]:
    """Scores that are spread otherwise."""
    if drift.scores.moved(SOME_DRIFT):
        code = "E701" if drift.scores.moved(MUCH_DRIFT) else "W701"
        what = f"its scores are spread otherwise than at the cut-off: PSI {drift.scores.value:.2f}"
        if drift.bands:
            what += f"; {drift.bands['high']:.0%} of customers are in the high band now"
        yield Finding(code, drift.score, what, f"look at the features that moved; {RETRAIN}")


def feature_findings(drift: PopulationDrift, feature: FeatureDrift) -> Iterator[Finding]:
    """The findings about one feature; drift that its missing values or new words explain is not reported twice."""
    found = [*unseen_findings(drift, feature), *missing_findings(feature)]
    yield from found
    if not found and not feature.grows_with_time:
        yield from spread_findings(drift, feature)


def unseen_findings(drift: PopulationDrift, feature: FeatureDrift) -> Iterator[Finding]:
    """Words that the model has never seen: it takes them all for one."""
    if feature.unseen.rose(UNSEEN_SOME):
        code = "E704" if feature.unseen.rose(UNSEEN_MANY) else "W704"
        words = f", such as {', '.join(map(repr, feature.new_words))}" if feature.new_words else ""
        what = f"{feature.unseen.now:.1%} of customers have a word that {drift.score} has never seen{words}"
        fix = "check how the column is written now; if the words are right: tercet train, and tercet promote"
        yield Finding(code, feature.feature.name, what, fix)


def missing_findings(feature: FeatureDrift) -> Iterator[Finding]:
    """Values that have stopped coming; where nothing lately is what missing means, a warning at most."""
    if feature.missing.rose(MISSING_MORE):
        broken = feature.is_read_directly and feature.missing.rose(MISSING_MUCH_MORE)
        then, now = feature.missing.then, feature.missing.now
        what = f"{now:.0%} of customers have no value, {then:.0%} had none at the cut-off"
        fix = f"check that its column still comes filled (it is missing {feature.feature.missing})"
        yield Finding("E703" if broken else "W703", feature.feature.name, what, fix)


def spread_findings(drift: PopulationDrift, feature: FeatureDrift) -> Iterator[Finding]:
    """A feature that is spread otherwise: that the model rests on, or that moved far and the scores with it."""
    much, scores_moved = feature.psi.moved(MUCH_DRIFT), drift.scores.moved(SOME_DRIFT)
    if (much and scores_moved) or (feature.weight >= OF_NOTE and feature.psi.moved(SOME_DRIFT)):
        breaks = much and scores_moved and feature.weight >= HEAVY
        what = f"it is spread otherwise than at the cut-off: PSI {feature.psi.value:.2f}"
        what += f" ({feature.weight:.0%} of {drift.score} rests on it)"
        fix = f"check its source for a change of meaning or unit; {RETRAIN}"
        yield Finding("E702" if breaks else "W702", feature.feature.name, what, fix)
