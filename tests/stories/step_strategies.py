"""What happens to a shop: requests, commands and the time between them, drawn by hypothesis."""

from dataclasses import dataclass

from hypothesis import strategies as st

from tests.builders.shop_strategies import CHANNELS, CUSTOMERS, HOUR, MINUTE, NEW, PURPOSES

ANYONE = (*CUSTOMERS, *NEW)
OUTCOMES = (
    *("presented", "delivered", "opened", "clicked", "accepted", "refused", "converted"),
    *("bounced", "undeliverable", "unsubscribed", "complained"),
)


@dataclass(frozen=True)
class Decide:
    """POST /v1/decisions; twice: the same request is sent again under the same Idempotency-Key."""

    customers: tuple[str, ...]
    channels: tuple[str, ...] | None = None
    limit: int = 1
    twice: bool = False


@dataclass(frozen=True)
class Say:
    """PUT a customer's consent; ago: said so many microseconds before now."""

    customer: str
    said: dict[str, bool]
    ago: int = 0


@dataclass(frozen=True)
class Tell:
    """POST /v1/feedback on one of the decisions that there are, counted from the newest."""

    which: int
    outcome: str
    ago: int = 0


@dataclass(frozen=True)
class Buy:
    """POST /v1/events: orders of a customer."""

    customer: str
    orders: int = 1


@dataclass(frozen=True)
class Campaign:
    """`tercet decide`; dies_after: so many decisions are logged, then the store takes no more."""

    dies_after: int | None = None


@dataclass(frozen=True)
class Resume:
    """`tercet decide --resume` of every campaign that died."""


@dataclass(frozen=True)
class Score:
    """`tercet score`."""


@dataclass(frozen=True)
class Show:
    """`tercet explain` of a customer."""

    customer: str


@dataclass(frozen=True)
class Wait:
    """Time passes, or a clock is set back a little."""

    microseconds: int


Step = Decide | Say | Tell | Buy | Campaign | Resume | Score | Show | Wait


def steps() -> st.SearchStrategy[list[Step]]:
    """Six to twelve steps; requests for decisions and time between them come most."""
    some = st.lists(st.sampled_from(ANYONE), min_size=1, max_size=4, unique=True).map(tuple)
    everyone = st.just(CUSTOMERS)
    channels = st.one_of(st.none(), st.none(), st.lists(st.sampled_from(CHANNELS), min_size=1, unique=True).map(tuple))
    ago = st.sampled_from([0, 0, MINUTE, 30 * HOUR])
    decide = st.builds(
        Decide, st.one_of(everyone, some), channels=channels, limit=st.sampled_from([1, 2, 5]), twice=st.booleans()
    )
    said = st.dictionaries(st.sampled_from(PURPOSES), st.sampled_from([False, False, True]), min_size=1, max_size=3)
    wait = st.sampled_from([MINUTE, HOUR, 23 * HOUR, 24 * HOUR, 7 * 24 * HOUR, 15 * 24 * HOUR, -1_000_000])
    kinds = [
        decide,
        decide,
        decide,
        st.builds(Wait, wait),
        st.builds(Wait, wait),
        st.builds(Say, st.sampled_from(ANYONE), said, ago),
        st.builds(Tell, st.integers(0, 5), st.sampled_from(OUTCOMES), ago),
        st.builds(Buy, st.sampled_from(ANYONE), st.integers(1, 5)),
        st.builds(Campaign, st.sampled_from([None, 1, 2, 3])),
        st.just(Resume()),
        st.just(Score()),
        st.builds(Show, st.sampled_from(CUSTOMERS)),
    ]
    return st.lists(st.one_of(*kinds), min_size=6, max_size=12)


A_STORY: list[Step] = [
    Campaign(dies_after=3),
    Say("C 5", {"profiling": False}),
    Say("C-1", {"email": False, "phone": False}),
    Say("C-6", {"phone": False}),
    Say("C-6", {"phone": True, "profiling": True}, ago=30 * HOUR),
    Buy("C-2"),
    Score(),
    Buy("C-2", 3),
    Decide(("C-0", "C-1", "C-3", "Zoë/4"), limit=2, twice=True),
    *(Tell(place, "refused") for place in range(5)),
    Tell(5, "converted"),
    Wait(23 * HOUR),
    Resume(),
    Buy("N-0", 2),
    Decide(ANYONE, channels=("phone",), limit=5),
    Show("C-3"),
    Campaign(),
    Score(),
    Say("C-3", {"profiling": False}),
    Decide(ANYONE, limit=5),
    Wait(35 * 24 * HOUR),
    Campaign(dies_after=3),
    Tell(0, "bounced"),
    Tell(1, "unsubscribed"),
    Resume(),
    Tell(2, "undeliverable"),
    Wait(35 * 24 * HOUR),
    Score(),
    Tell(0, "opened"),
    Decide(ANYONE, limit=5),
]
"""One of everything."""
