"""The example shop, where the true effect of every action is known: what a policy is worth, against what else is done.

    python -m benchmarks.policy_value

trains as of 90 days before the shop's end, lets each way of choosing decide for everyone whom it may contact, and adds
up the true margin: the true change of a year's value x margin share - contact cost - offer cost x true P(purchase).
"""

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from benchmarks.public_data import tercet
from models.bundle.champion import read_champion
from models.bundle.champion_bundle import read_champion_bundle
from models.decisions.contacts.contact_history import ContactHistory
from models.decisions.funnel import decide
from models.ingest import read_history
from models.rows.history import Category, Floats, History
from models.scored.scored_customers import Scored
from models.scorer import Scorer
from models.workspace import Workspace, load_workspace
from training.example_shop.shop_tables import read_truth
from training.workspace_template.new_workspace import write_workspace

DAYS_BEFORE_END = 90
ACTIONS = {"retention_call": "phone", "discount_email": "email", "novelty_sms": "sms"}
MARGIN_SHARE = 0.35
CONTACT_COST = {"retention_call": 4.0, "discount_email": 0.02, "novelty_sms": 0.08}
OFFER_COST = {"retention_call": 0.0, "discount_email": 3.0, "novelty_sms": 0.0}
"""As in the policy that the shop comes with."""
OPT_OUT = {"retention_call": 0.02, "discount_email": 0.002, "novelty_sms": 0.015}
"""The share that an action puts off for good: the simulator's own averages. A real shop counts who unsubscribes."""
REPETITIONS = 2000
SEED = 20


def policy_text(effects: Mapping[str, str], contact_value: float = 0.0) -> str:
    """A policy of the three actions: no limits, no holdout, so that nothing but the choice is compared."""
    parts = [
        f"[money]\nmargin_share = {MARGIN_SHARE}\ncontact_value = {contact_value}",
        "[contact_policy]\nlimits = []",
        "[suppression]\nafter_served_days = 0",
        "[experiment]\nholdout = 0.0\nexploration = 0.0",
    ]
    for action, channel in ACTIONS.items():
        parts.append(f'[channels.{channel}]\nconsent = "{channel}"\noptout = {OPT_OUT[action]}')
        parts.append(f'[actions.{action}]\nchannels = ["{channel}"]\nvalue = "purchase"\neffect = {effects[action]}')
        parts.append(f"contact_cost = {CONTACT_COST[action]}\noffer_cost = {OFFER_COST[action]}")
    return "\n".join(parts) + "\n"


@dataclass(frozen=True)
class World:
    """Everyone who may be contacted at all, and what each action truly does to them.

    worth: (n, 3), the true margin of each action; allowed: (n, 3), consent to its channel.
    """

    workspace: Workspace
    scored: Scored
    history: History
    as_of: int
    worth: Floats
    allowed: np.ndarray

    def chosen_under(self, policy: str) -> np.ndarray:
        """The place of the action that our funnel chooses for each customer, -1 for none."""
        path = self.workspace.directory / "policy.toml"
        path.write_text(policy, encoding="utf-8")
        workspace = load_workspace(self.workspace.directory)
        decided = decide(workspace, self.scored, ContactHistory.none(), self.as_of)
        places = {action: place for place, action in enumerate(ACTIONS)}
        return np.array([-1 if action is None else places[action] for action in decided.next_best_action.words()])

    @property
    def usual_value(self) -> float:
        """What an average customer is predicted to bring, as margin, in the major unit."""
        clv = self.scored.scores["clv"]
        return round(MARGIN_SHARE * float(np.nanmean(clv.values)), 2)

    def value(self, chosen: np.ndarray) -> Floats:
        """The true margin of these choices, by customer."""
        rows = np.arange(len(chosen))
        return np.where(chosen < 0, 0.0, self.worth[rows, chosen])


def main() -> None:
    """Make the shop, train as of the instant, and compare."""
    folder = Path(os.environ.get("TERCET_BENCH_DIR", tempfile.mkdtemp(prefix="tercet-policy-"))) / "policy-shop"
    shutil.rmtree(folder, ignore_errors=True)
    write_workspace(folder, example="shop")
    truth = read_truth(next(folder.rglob("truth")).parent)
    truth = truth[truth.days_before_end == DAYS_BEFORE_END].set_index("customer_id")
    as_of = pd.Timestamp(truth.as_of.iloc[0]).tz_convert("UTC")
    tercet(folder, "train", "--as-of", as_of.strftime("%Y-%m-%dT%H:%M:%SZ"))
    tercet(folder, "promote", "--force", "--why", "to be measured")
    world = world_at(folder, truth, as_of)
    averages = average_effects(world)
    ways = ways_of_choosing(world, averages)
    print(f"as of {as_of:%Y-%m-%d}: {len(world.scored)} customers scored, {world.allowed.any(axis=1).sum()} reachable")
    print(f"  an average customer is predicted to bring {world.usual_value} EUR of margin in a year")
    for action, change in averages.items():
        print(f"  {action}: the campaigns before then changed P(purchase in 30 days) by {change:+.4f}")
    Console(width=160).print(table_of(rows_of(world, ways)))


def world_at(folder: Path, truth: pd.DataFrame, as_of: pd.Timestamp) -> World:
    """Everyone scored as of the instant, beside their truth."""
    workspace = load_workspace(folder)
    history = read_history(workspace).history
    known = [row for row, customer in enumerate(history.customer_ids) if customer in truth.index]
    history = history.select(known)
    micros = int(as_of.value // 1000)
    scored = Scorer(read_champion_bundle(read_champion(folder)), workspace).score(history, micros)
    history = history.select(np.flatnonzero(scored.is_scored))
    scored = Scorer(read_champion_bundle(read_champion(folder)), workspace).score(history, micros)
    true = truth.loc[history.customer_ids.tolist()]
    worth = np.column_stack([true_margin(true, action) for action in ACTIONS])
    allowed = np.column_stack([history.consents[channel] == 1 for channel in ACTIONS.values()])
    return World(workspace, scored, history, micros, worth, allowed)


def true_margin(true: pd.DataFrame, action: str) -> Floats:
    """What the action truly brings, in the currency's major unit."""
    takes = np.clip(1 - true.no_purchase_90d + true[f"effect_{action}"], 0, 1)
    gain = MARGIN_SHARE * true[f"value_effect_{action}"] - CONTACT_COST[action] - OFFER_COST[action] * takes
    return gain.to_numpy(dtype=np.float64)


def average_effects(world: World) -> dict[str, float]:
    """By action, how much more often those who were contacted before the instant bought than the controls.

    Weighted by the inverse of the recorded probability of the arm (Horvitz and Thompson 1952, normalised by Hajek).
    """
    contacts = world.history.tables["contacts"]
    outcome, propensity = contacts.columns["outcome"], contacts.columns["propensity"]
    arm, name = contacts.columns["arm"], contacts.columns["action"]
    assert isinstance(arm, Category)
    assert isinstance(name, Category)
    found: dict[str, float] = {}
    for action in ACTIONS:
        past = (contacts.at < world.as_of) & (name.codes == name.code_of(action)) & ~np.isnan(outcome)
        control = arm.codes == arm.code_of("control")
        means = [np.average(outcome[past & who], weights=1 / propensity[past & who]) for who in (~control, control)]
        found[action] = float(means[0] - means[1])
    return found


def ways_of_choosing(world: World, averages: Mapping[str, float]) -> dict[str, np.ndarray]:
    """The choices of each way, by its name."""
    random = np.random.default_rng(SEED)
    drawn = np.where(world.allowed, random.random(world.allowed.shape), -1)
    anyone = world.allowed.any(axis=1)
    permitted = np.where(world.allowed, world.worth, -np.inf)
    assumed = dict.fromkeys(ACTIONS, '{ source = "assumed" }')
    propensity = dict.fromkeys(ACTIONS, '{ source = "assumed", kappa = 1.0 }')
    average = {
        action: f'{{ source = "average", change = {change:.6f}, known_from = "campaigns before the instant" }}'
        for action, change in averages.items()
    }
    return {
        "none": np.full(len(world.scored), -1),
        "random": np.where(anyone, drawn.argmax(axis=1), -1),
        "propensity x value": world.chosen_under(policy_text(propensity)),
        "ours, assumed": world.chosen_under(policy_text(assumed)),
        "ours, average effect": world.chosen_under(policy_text(average)),
        "ours, average effect, opt-outs counted": world.chosen_under(policy_text(average, world.usual_value)),
        "oracle": np.where(permitted.max(axis=1) > 0, permitted.argmax(axis=1), -1),
    }


def rows_of(world: World, ways: Mapping[str, np.ndarray]) -> list[dict[str, str]]:
    """The table: true margin with a 95 % bootstrap interval, by itself and over the common practice, paired."""
    values = {name: world.value(chosen) for name, chosen in ways.items()}
    random = np.random.default_rng(SEED)
    draws = random.integers(0, len(world.scored), (REPETITIONS, len(world.scored)))
    practice = values["propensity x value"]
    rows = []
    for name, chosen in ways.items():
        contacted = ", ".join(f"{action} {np.sum(chosen == place)}" for place, action in enumerate(ACTIONS))
        rows.append(
            {
                "policy": name,
                "EUR per 1,000 customers": with_interval(values[name], draws),
                "over propensity x value": with_interval(values[name] - practice, draws),
                "share of the oracle": f"{values[name].sum() / values['oracle'].sum():.0%}",
                "contacts": contacted,
            }
        )
    return rows


def table_of(rows: Sequence[Mapping[str, str]]) -> Table:
    """The rows as a table."""
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*row.values())
    return table


def with_interval(value: Floats, draws: np.ndarray) -> str:
    """A thousand times the mean, with the middle 95 % of its bootstrap."""
    low, high = 1000 * np.quantile(value[draws].mean(axis=1), [0.025, 0.975])
    return f"{1000 * value.mean():+,.0f} [{low:+,.0f}, {high:+,.0f}]"


if __name__ == "__main__":
    main()
