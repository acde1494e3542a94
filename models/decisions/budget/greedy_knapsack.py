"""A multiple-choice knapsack with one budget and a capacity a channel, filled greedily along each customer's hull."""

import heapq
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from models.decisions.budget.shadow_prices import Prices


class Option(NamedTuple):
    """value: above 0, what is to be gained. cost: at least 0, of the budget. channel: takes one of its capacity."""

    value: float
    cost: int
    channel: int


class _Move(NamedTuple):
    """A move from a customer's current option to `option`; sorted in the order of moves. `turn` marks outdated ones."""

    efficiency: float  # negative, so that the best comes first
    gain: float  # negative likewise
    customer: int
    option: int
    turn: int


class Knapsack:
    """budget: None is no limit. capacities: by channel, None is no limit."""

    def __init__(self, budget: int | None, capacities: Sequence[int | None]) -> None:
        self._left = math.inf if budget is None else budget
        self._room = [math.inf if most is None else most for most in capacities]
        self._money = 0.0
        self._place: list[float] = []
        self._options: dict[int, Sequence[Option]] = {}
        self._taken: dict[int, int] = {}
        self._turns: dict[int, int] = {}
        self._heap: list[_Move] = []
        self._waiting: list[list[_Move]] = [[] for _ in capacities]

    def take_first(self, customer: int, only: Option) -> None:
        """Give a customer their only option before all others, if there is room for it."""
        if only.cost <= self._left and self._room[only.channel] > 0:
            self._options[customer], self._taken[customer] = [only], 0
            self._left -= only.cost
            self._room[only.channel] -= 1

    @property
    def left(self) -> tuple[float, Sequence[float]]:
        """The remaining budget, and the remaining capacity of each channel."""
        return self._left, self._room

    def fill(self, groups: Mapping[int, Sequence[Option]], prices: Prices) -> dict[int, int]:
        """Fill what is left from the options of these customers; by customer, the place of what they got.

        prices: what a unit of the budget and a place on each channel count for, against one another.
        """
        self._money, self._place = prices.money, prices.place.tolist()
        self._options |= groups
        for customer in groups:
            self._plan(customer)
        while self._heap:
            move = heapq.heappop(self._heap)
            if move.turn != self._turns[move.customer]:
                continue
            if self._allowed(move.customer, self._options[move.customer][move.option]):
                self._make(move)
            self._plan(move.customer)
        return self._taken

    def _make(self, move: _Move) -> None:
        customer, before = move.customer, self._current(move.customer)
        after = self._options[customer][move.option]
        self._left -= after.cost - (before.cost if before else 0)
        self._room[after.channel] -= 1
        self._taken[customer] = move.option
        if before is not None:
            self._room[before.channel] += 1
            self._call_next(before.channel)

    def _call_next(self, channel: int) -> None:
        """A place on the channel is free again: the first of those waiting who would still gain plans anew."""
        while self._waiting[channel]:
            waiting = heapq.heappop(self._waiting[channel])
            if self._move(waiting.customer, waiting.option, self._options[waiting.customer][waiting.option], 0):
                self._plan(waiting.customer)
                return

    def _plan(self, customer: int) -> None:
        """Line up the customer's next move; where a channel is full, the customer also waits for it."""
        turn = self._turns[customer] = self._turns.get(customer, 0) + 1
        best: _Move | None = None
        for place, option in enumerate(self._options[customer]):
            move = self._move(customer, place, option, turn)
            if move is None:
                continue
            if self._allowed(customer, option):
                best = move if best is None else min(best, move)
            elif not self._has_room(customer, option):
                heapq.heappush(self._waiting[option.channel], move)
        if best is not None:
            heapq.heappush(self._heap, best)

    def _move(self, customer: int, place: int, option: Option, turn: int) -> _Move | None:
        current = self._current(customer)
        gain = option.value - (current.value if current else 0.0)
        if gain <= 0:
            return None
        more = self._use(option) - (self._use(current) if current else 0.0)
        return _Move(-math.inf if more <= 0 else -gain / more, -gain, customer, place, turn)

    def _allowed(self, customer: int, option: Option) -> bool:
        current = self._current(customer)
        return option.cost - (current.cost if current else 0) <= self._left and self._has_room(customer, option)

    def _has_room(self, customer: int, option: Option) -> bool:
        current = self._current(customer)
        return self._room[option.channel] > 0 or (current is not None and current.channel == option.channel)

    def _use(self, option: Option) -> float:
        return option.cost * self._money + self._place[option.channel]

    def _current(self, customer: int) -> Option | None:
        taken = self._taken.get(customer)
        return None if taken is None else self._options[customer][taken]
