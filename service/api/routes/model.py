"""GET /v1/model: the served models, their grades, and the meaning of each number."""

import orjson
from starlette.requests import Request
from starlette.responses import Response

from models.rows.instants import format_instant
from models.score.reach_in_words import reach_in_words
from models.score.score_model import ScoreModel
from models.workspace import Bands
from service.api.http.operations import Operation, read_query
from service.api.schemas.request_models import NoQuery
from service.api.schemas.response_models import ModelAnswer
from service.runtime.version import tercet_version
from service.score_requests.served_state import Serving
from service.worker.worker import Worker

GRADES = {
    "A": "beats the named baselines with an interval clear of zero, and is calibrated",
    "B": "beats every named rule of thumb, with a doubt that the training report names",
    "C": "does not beat every named rule of thumb, or is far off in total; it was promoted by force",
}
OF_A_BASELINE = "a named baseline, for want of data for a model of its own"
PERCENTILE = (
    "A percentile says where a score stands among the eligible customers at the bundle's cut-off: 90 is higher than "
    "90 % of them. It is not a probability."
)


async def get_model(request: Request, worker: Worker) -> Response:
    """Versions, grades, cut-offs and words."""
    read_query(request, NoQuery)
    serving = worker.serving
    as_of = await worker.run(serving.as_of)
    body = {
        "bundle_version": serving.bundle_version,
        "bundle_digest": serving.bundle.digest,
        "policy_version": serving.workspace.policy_version,
        "workspace": serving.workspace.name,
        "currency": serving.workspace.config.business.currency,
        "tercet_version": tercet_version(),
        "cut_off": format_instant(serving.bundle.cut_off),
        "as_of": format_instant(as_of),
        "customers": len(serving.live.base.history),
        "percentile_meaning": PERCENTILE,
        "scores": [described(model, serving) for model in serving.bundle.models.values()],
    }
    return Response(orjson.dumps(body), media_type="application/json")


def described(model: ScoreModel, serving: Serving) -> dict[str, object]:
    """One score for people."""
    reach = reach_in_words(model)
    told: dict[str, object] = {
        "score": model.score,
        "label": model.label,
        "meaning": meaning(model, serving.workspace.config.business.currency),
        "model": model.model,
        "horizon_days": model.horizon_days,
        "grade": model.grade,
        "grade_meaning": GRADES[model.grade] if model.model == "boosted" else OF_A_BASELINE,
        "cut_off": format_instant(model.cut_off),
        "bands": bands(model, serving.workspace.policy.bands),
        "judged_days": model.judged_days,
        "metrics": dict(model.metrics),
        "baselines": {name: dict(figures) for name, figures in model.baselines.items()},
        "features": len(model.features),
        "run_id": model.run_id,
    }
    return told if reach is None else told | {"reach": reach}


def meaning(model: ScoreModel, currency: str) -> str:
    """What the number says."""
    words = model.label[:1].lower() + model.label[1:]
    if model.kind == "clv":
        return f"`amount`, in {currency}: {words}, as expected; never below 0."
    return f"`probability`, from 0 to 1: {words}."


def bands(model: ScoreModel, shares: Bands) -> dict[str, str]:
    """Each band of a probability, with the cut-off that is frozen in the bundle; an amount has none."""
    if model.kind == "clv" or not model.reference.values:
        return {}
    high, medium = model.reference.cutoff_top(shares.high), model.reference.cutoff_top(shares.high + shares.medium)
    return {
        "high": f"the {shares.high:.0%} of customers with the highest probability: above {high:.4f}",
        "medium": f"the next {shares.medium:.0%}: above {medium:.4f}, up to {high:.4f}",
        "low": f"all others: up to {medium:.4f}",
    }


OPERATIONS = (
    Operation(
        method="GET",
        path="/v1/model",
        scope="score",
        handler=get_model,
        summary="What serves, and what its numbers mean",
        query=NoQuery,
        answer=ModelAnswer,
        problems=(422, 503),
    ),
)
