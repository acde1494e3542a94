"""Customer view in a terminal: scores with reasons that add up, segments, next best action and rejections.

What comes from data is always a `Text`: brackets in it are its own, and no markup.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.bar import Bar
from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from models.consent.recorded_consent import GRANTED, NOT_RECORDED, REFUSED, consent_word
from models.decisions.candidates.proposals import Proposal, RejectedCandidate
from models.decisions.choice.decisions import Decisions
from models.decisions.support_priority import Priority
from models.items.item_json import item_of
from models.rows.history import History
from models.scored.scored_customers import Scored
from models.workspace import Workspace

BAR_WIDTH = 18
BAND_COLOURS = {"high": "red", "medium": "yellow", "low": "green"}
RAISES, LOWERS = "dark_orange", "deep_sky_blue1"


def scores_view(item: Mapping[str, Any], currency: str) -> RenderableType:
    """The scores of an item of /v1/scores, each with its reasons."""
    panels = [score_panel(title, score, currency) for title, score in titled(item)]
    return Columns(panels, equal=True, expand=True)


def titled(item: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each score with what it is called."""
    if "churn" in item:
        yield "Likely to leave", item["churn"]
    if "clv" in item:
        yield "Worth", item["clv"]
    for offer in item.get("upsell", {}).get("offers", ()):
        yield f"Ready for {offer['offer'].replace('_', ' ')}", offer


def score_panel(title: str, score: Mapping[str, Any], currency: str) -> Panel:
    """One score: the figure, its percentile and band, and base value + reasons + the rest = score."""
    return Panel(Group(headline(score, currency), reasons_table(score, currency)), title=title, title_align="left")


def headline(score: Mapping[str, Any], currency: str) -> Text:
    """The figure and what it means."""
    days = f" in {score['horizon_days']} days" if score["horizon_days"] else ""
    if "amount" in score:
        interval = score["interval"]
        text = Text(f"{score['amount']:,.2f} {currency}", "bold").append(days, "not bold")
        if interval:
            share = f"{interval['coverage']:.0%} of such customers: "
            text.append(f"\n{share}{interval['low']:,.0f} to {interval['high']:,.0f}", "dim")
    else:
        text = Text(f"{score['probability']:.1%}", "bold").append(days, "not bold")
        if score["band"]:
            text.append(f"  {score['band']}", BAND_COLOURS[score["band"]])
    if score["percentile"] is not None:
        text.append(f"\nabove {score['percentile']:.0f} % of customers", "dim")
    return text


def reasons_table(score: Mapping[str, Any], currency: str) -> Table:
    """Every line of the sum; a bar to the right raises the score, to the left lowers it."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True, width=BAR_WIDTH)
    money = "amount" in score
    parts = [(reason_words(reason, currency), reason["contribution"]) for reason in score["reasons"]]
    parts.append(("everything else", score["other_contribution"]))
    widest = max(abs(amount) for _, amount in parts) or 1.0
    table.add_row(Text("the average customer", "dim"), Text(figure(score["base_value"], money), "dim"), "")
    for words, amount in parts:
        table.add_row(Text(words), signed(amount, money), contribution_bar(amount / widest))
    total = score["amount"] if money else score["probability"]
    table.add_row(Text("together", "bold"), Text(figure(total, money), "bold"), "")
    return table


def reason_words(reason: Mapping[str, Any], currency: str) -> str:
    """`Days since last order: 74 days`."""
    match reason["value"]:
        case None:
            return f"{reason['label']}: missing"
        case int(value):
            number = f"{value:,}"
        case float(value):
            number = f"{value:,.2f}" if reason["unit"] == currency else f"{value:,.5g}"
        case word:
            number = str(word)
    return f"{reason['label']}: {number} {reason['unit']}".rstrip()


def contribution_bar(share: float) -> Bar:
    """From the middle to the right for what raises, to the left for what lowers; -1 to 1."""
    low, high = sorted((0.0, share))
    return Bar(size=2, begin=1 + low, end=1 + high, width=BAR_WIDTH, color=RAISES if share > 0 else LOWERS)


def figure(value: float, money: bool) -> str:
    """Money to the cent, a probability in percent."""
    return f"{value:,.2f}" if money else f"{100 * value:.2f} %"


def signed(value: float, money: bool) -> str:
    """A number as text with its sign."""
    return f"{value:+,.2f}" if money else f"{100 * value:+.2f} %"


def segments_view(item: Mapping[str, Any]) -> Table:
    """The segments, a column each."""
    table = Table(box=None, pad_edge=False, title="Segments", title_justify="left", title_style="bold")
    words = {name: ", ".join(word) if isinstance(word, list) else word for name, word in item["segments"].items()}
    shown = {name: word for name, word in words.items() if word} | {"data_sufficiency": item["data_sufficiency"]}
    for name in shown:
        table.add_column(name.replace("_", " "), style="cyan", overflow="fold")
    table.add_row(*(Text(str(word)) for word in shown.values()))
    return table


def action_view(proposals: Sequence[Proposal], held_out: bool, currency: str, minor_units: int) -> RenderableType:
    """What to do next, and the sum that says so."""
    if held_out:
        words = "Held out: belongs to the share that is never contacted, so that what contacts bring can be told."
        return Panel(Text(words, "yellow"), title="Next best action", title_align="left")
    if not proposals:
        words = "None: no action passes every rule and brings more than it costs."
        return Panel(Text(words), title="Next best action", title_align="left")
    return Group(*(proposal_panel(proposal, currency, minor_units) for proposal in proposals))


def proposal_panel(proposal: Proposal, currency: str, minor_units: int) -> Panel:
    """One action with the terms of its expected margin."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column()
    table.add_column(justify="right", no_wrap=True)
    for term, amount in proposal.expected_margin.terms.items():
        if amount:
            table.add_row(term.replace("_", " "), f"{amount / minor_units:+,.2f}")
    total = proposal.expected_margin.total / minor_units
    table.add_row(Text("expected incremental margin", "bold"), Text(f"{total:+,.2f} {currency}", "bold"))
    known = "assumed, not yet tested" if proposal.effect_source == "assumed" else "the average of a test"
    notes = [f"changes the probability by {100 * proposal.change:+.2f} points ({known})"]
    if proposal.weight != 1 or proposal.lever != 1:
        notes.append(f"weighed x {proposal.weight:g}, lever x {proposal.lever:g}")
    if proposal.arm == "exploration":
        notes.append("drawn by lot, to learn what works")
    if proposal.message:
        notes.append(", ".join(f"{name} {words}" for name, words in proposal.message.items()))
    title = f"Next best action: [bold]{proposal.action}[/bold] by {proposal.channel}"
    return Panel(Group(table, Text("\n".join(notes), "dim")), title=title, title_align="left", border_style="green")


def rejected_view(rejections: Sequence[RejectedCandidate]) -> RenderableType:
    """What else was looked at, and where it left the funnel."""
    if not rejections:
        return Text()
    table = Table(box=None, pad_edge=False, title="Not chosen", title_justify="left", title_style="bold")
    for heading in ("action", "channel", "left at", "because"):
        table.add_column(heading, overflow="fold")
    for rejection in rejections:
        stage = Text(rejection.stage.replace("_", " "), "yellow")
        table.add_row(rejection.action, rejection.channel, stage, Text(rejection.reason))
    return table


def customer_view(
    scored: Scored, history: History, decisions: Decisions, priority: Priority, workspace: Workspace
) -> RenderableType:
    """All of it, of the one customer of `scored`."""
    item = item_of(scored, 0)
    if item["status"] != "scored":
        words = f"not scored: {str(item.get('reason', item['status'])).replace('_', ' ')}"
        return Group(Text(words, "yellow"), consents_view(history, workspace))
    currency, minor_units = workspace.config.business.currency, workspace.config.minor_units
    return Group(
        scores_view(item, currency),
        segments_view(item),
        Text(f"Service desk: {priority.level} ({priority.reason})\n"),
        consents_view(history, workspace),
        action_view(decisions.proposals(0), decisions.held_out(0), currency, minor_units),
        rejected_view(decisions.rejections(0)),
    )


def consents_view(history: History, workspace: Workspace) -> Text:
    """What was granted and refused, and what holds where nothing was recorded."""
    unsaid = f"not recorded, so {workspace.config.consent.default}"
    words = {GRANTED: consent_word(True), REFUSED: consent_word(False), NOT_RECORDED: unsaid}
    parts = [f"{purpose} {words[int(column[0])]}" for purpose, column in history.consents.items()]
    return Text(f"Consents: {', '.join(parts)}\n")
