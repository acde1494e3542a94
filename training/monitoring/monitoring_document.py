"""Monitoring results as JSON, for schedulers and dashboards, and as metrics, for MLflow."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from math import isnan
from typing import Any

from models.features.language.specification import lightgbm_name
from models.rows.instants import format_instant
from models.score.score_model_json import plain
from training.monitoring.monitoring_run import MonitoringRun
from training.monitoring.population_drift import PopulationDrift
from training.monitoring.score_outcomes import ScoreOutcomes


def document_of(found: MonitoringRun) -> dict[str, Any]:
    """Everything, in JSON's own types; a figure that does not exist is null. It holds no customer and no id."""
    models = found.bundle.models
    return {
        "workspace": found.workspace.name,
        "as_of": format_instant(found.as_of),
        "bundle_version": found.version,
        "bundle_digest": found.bundle.digest,
        "policy_version": found.workspace.policy_version,
        "errors": found.errors,
        "warnings": len(found.open) - found.errors,
        "findings": [
            {
                "code": finding.code,
                "subject": finding.subject,
                "what": finding.what,
                "fix": finding.fix,
                "severity": finding.severity,
                "accepted": found.accepted.get(finding.name),
            }
            for finding in found.findings
        ],
        "scores": {
            score: {
                "label": models[score].label,
                "model": models[score].model,
                "grade": models[score].grade,
                "cut_off": format_instant(models[score].cut_off),
                "horizon_days": models[score].horizon_days,
                "population": population_document(found.populations.get(score)),
                "outcomes": outcomes_document(outcomes),
            }
            for score, outcomes in found.outcomes.items()
        },
        "sent": [
            {
                "folder": str(sent.folder),
                "as_of": format_instant(sent.as_of),
                "bundle_version": sent.bundle_version,
                "customers": sent.customers,
                "gone": sent.gone,
                "scores": {outcomes.score: outcomes_document(outcomes) for outcomes in sent.outcomes},
            }
            for sent in found.sent
        ],
    }


def population_document(drift: PopulationDrift | None) -> dict[str, Any] | None:
    """One score's population now and then."""
    if drift is None:
        return None
    features = {
        of.feature.name: {
            "psi": of.psi.value,
            "psi_by_chance": of.psi.chance,
            "weight": of.weight,
            "missing": {"then": of.missing.then, "now": of.missing.now},
            "unseen": {"then": of.unseen.then, "now": of.unseen.now},
            "grows_with_time": of.grows_with_time,
        }
        for of in drift.features
    }
    then, now = drift.customers
    whole = {"customers": {"then": then, "now": now}, "psi": drift.scores.value, "psi_by_chance": drift.scores.chance}
    return dict(plain(whole | {"bands": drift.bands, "features": features}))


def outcomes_document(outcomes: ScoreOutcomes) -> dict[str, Any]:
    """The outcomes of one score, or why it is not evaluated."""
    document: dict[str, Any] = {
        "standing": outcomes.standing,
        "predicted_at": instant(outcomes.predicted_at),
        "matures_at": instant(outcomes.matures_at),
        "customers": outcomes.customers,
    }
    if outcomes.standing != "judged":
        return document
    expected, realised = outcomes.totals
    judged = {
        "total": {"expected": expected, "realised": realised},
        "bands": [asdict(band) for band in outcomes.bands],
        "deciles": [
            {"customers": row.rows, "expected": row.predicted, "realised": row.actual} for row in outcomes.deciles
        ],
        "figures": {name: asdict(figure) for name, figure in outcomes.figures.items()},
        "promised": {name: outcomes.promised[name].value for name in outcomes.figures if name in outcomes.promised},
        "nominal_coverage": outcomes.coverage,
    }
    return document | dict(plain(judged))


def instant(at: int | None) -> str | None:
    """An instant in ISO 8601, if there is one."""
    return None if at is None else format_instant(at)


def metrics_of(found: MonitoringRun) -> dict[str, float]:
    """The figures for MLflow, by names like `psi/churn/orders_90d` and `matured/churn/high/expected`."""
    metrics: dict[str, float] = {"errors": found.errors, "warnings": len(found.open) - found.errors}
    for score, drift in found.populations.items():
        metrics[f"customers/{score}"] = drift.customers[1]
        metrics[f"psi/{score}/score"] = drift.scores.value
        metrics |= {f"psi/{score}/features/{lightgbm_name(of.feature.name)}": of.psi.value for of in drift.features}
        metrics |= {f"share/{score}/{band}": share for band, share in drift.bands.items()}
    for outcomes in found.outcomes.values():
        metrics |= dict(outcome_metrics("matured", outcomes))
    for sent in found.sent:
        sent_at = lightgbm_name(format_instant(sent.as_of))
        for outcomes in sent.outcomes:
            metrics |= dict(outcome_metrics(f"sent/{sent_at}", outcomes))
    return {name: value for name, value in metrics.items() if not isnan(value)}


def outcome_metrics(prefix: str, outcomes: ScoreOutcomes) -> Iterator[tuple[str, float]]:
    """The outcomes of one score, if it is evaluated."""
    if outcomes.standing != "judged":
        return
    of = f"{prefix}/{outcomes.score}"
    yield f"{of}/customers", outcomes.customers
    yield f"{of}/expected", outcomes.totals[0]
    yield f"{of}/realised", outcomes.totals[1]
    for band in outcomes.bands:
        yield f"{of}/{band.band}/expected", band.expected
        yield f"{of}/{band.band}/realised", band.realised
    figures: Mapping[str, Any] = outcomes.figures
    for name, figure in figures.items():
        yield f"{of}/{name}", figure.value


def tags_of(document: Mapping[str, Any]) -> dict[str, str]:
    """The tags for MLflow: of when and of which bundle, and all that was found, by code and subject."""
    tags = {f"tercet.{name}": str(document[name]) for name in ("as_of", "bundle_version", "bundle_digest")}
    for found in document["findings"]:
        name = f"tercet.finding.{found['code']}.{lightgbm_name(found['subject'])}"  # in letters that MLflow allows
        tags[name] = f"{tags[name]}; {found['what']}" if name in tags else found["what"]
    return tags
