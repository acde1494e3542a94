"""One step of a story, done as a caller does it; then every path is asked what it would do now."""

from urllib.parse import quote

from tests.builders.shop_strategies import MINUTE
from tests.builders.trained_shop import text
from tests.oracles.contact_policy import BOUNCED, WITHDRAWN, read_log
from tests.stories.decision_paths import campaign, decide, resume
from tests.stories.read_only_paths import check_read_only_paths, score, show
from tests.stories.shop_story import WatchedShop, spelled
from tests.stories.step_strategies import Buy, Campaign, Decide, Resume, Say, Score, Show, Step, Tell, Wait

STOPPING = (*BOUNCED, *WITHDRAWN)


def happen(shop: WatchedShop, step: Step) -> None:
    """One step, and all that must hold of it and after it."""
    shop.number += 1
    match step:
        case Decide():
            decide(shop, step)
        case Say():
            say(shop, step)
        case Tell():
            tell(shop, step)
        case Buy():
            buy(shop, step)
        case Campaign():
            campaign(shop, step)
        case Resume():
            resume(shop)
        case Score():
            score(shop)
        case Show():
            show(shop, step)
        case Wait():
            shop.clock.move(step.microseconds)
    check_read_only_paths(shop)


def say(shop: WatchedShop, step: Say) -> None:
    said = {f"{purpose}_consent": granted for purpose, granted in step.said.items()}
    at = {"at": text(shop.clock.read() - step.ago)} if step.ago else {}
    path = f"/v1/customers/{quote(spelled(step.customer), safe='')}/consent"
    answer = shop.http.put(path, json=said | at)
    assert answer.status_code == 200, answer.text
    log = read_log(shop.store)
    for purpose in step.said:
        effective = answer.json()[f"{purpose}_consent"]["effective"]
        assert (effective == "granted") == shop.watch.consents_to(log, step.customer, purpose)


def tell(shop: WatchedShop, step: Tell) -> None:
    logged = sorted(read_log(shop.store)["decisions"], key=lambda row: row["decision_id"], reverse=True)
    if not logged:
        return
    row = logged[step.which % len(logged)]
    at = max(row["decided_at"], shop.clock.read() - step.ago)
    piece = {"feedback_id": f"f{shop.number}", "decision_id": row["decision_id"], "outcome": step.outcome}
    answer = shop.post("/v1/feedback", {"items": [piece | {"at": text(at)}]})
    assert answer["results"][0]["status"] == "recorded"
    log = read_log(shop.store)
    if step.outcome in STOPPING:
        assert shop.watch.is_stopped(log, row["customer_id"], row["channel"]) or step.ago
    purpose = shop.watch.policy["channels"][row["channel"]]["consent"]
    if step.outcome in WITHDRAWN and purpose != "none" and not step.ago:
        assert not shop.watch.consents_to(log, row["customer_id"], purpose)
    assert shop.post("/v1/feedback", {"items": [piece | {"at": text(at)}]})["results"][0]["status"] == "unchanged"
    assert read_log(shop.store) == log


def buy(shop: WatchedShop, step: Buy) -> None:
    at = text(shop.clock.read() - MINUTE)
    rows = [
        {"order_id": f"bought-{shop.number}-{one}", "customer_id": step.customer, "ordered_at": at, "amount": 20}
        for one in range(step.orders)
    ]
    results = shop.post("/v1/events", {"orders": rows})["results"]["orders"]
    assert [one["status"] for one in results] == ["stored"] * step.orders
