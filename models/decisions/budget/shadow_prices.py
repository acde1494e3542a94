"""Shadow prices: the margin that one more unit of budget, or one more contact on a channel, would add to a run."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.rows.history import Floats, Integers

MOST_CUSTOMERS = 2000
FLOOR = 1e-3
"""Of all value, spread over a resource: so that one which the sample has enough of is not given away for nothing."""


@dataclass(frozen=True, slots=True)
class Prices:
    """In value: money, of one minor unit; place, (channels,), of one contact on each. 0 where there is no limit."""

    money: float
    place: Floats


def shadow_prices(
    customer: NDArray[np.intp],
    value: Floats,
    cost: Integers,
    channel: NDArray[np.intp],
    budget: float,
    rooms: Floats,
) -> Prices:
    """The dual prices of the linear programme in which fractions of options can be taken.

    customer, value, cost, channel: (m,) the options, by customer in ascending order. budget, rooms (channels,): what
    there is; inf is no limit. Of very many customers an even sample is asked, and gets its share of what there is.
    """
    from scipy.optimize import linprog  # noqa: PLC0415 - for campaigns alone; it takes 0.2 s
    from scipy.sparse import csr_array, vstack  # noqa: PLC0415 - the same

    everyone, group = np.unique(customer, return_inverse=True)
    step = -(-len(everyone) // MOST_CUSTOMERS) or 1
    asked = group % step == 0
    group, value, cost, channel = group[asked] // step, value[asked], cost[asked], channel[asked]
    number, scarce = len(value), np.flatnonzero(np.isfinite(rooms))
    free = Prices(0.0, np.zeros(len(rooms)))
    if number == 0:
        return free
    options, customers = np.arange(number), int(group.max()) + 1
    uses = [csr_array((np.ones(number), (group, options)), shape=(customers, number))]
    most = [np.ones(customers)]
    share = customers / len(everyone)
    limited = [(cost.astype(np.float64), budget)] if np.isfinite(budget) else []
    limited += [((channel == place).astype(np.float64), float(rooms[place])) for place in scarce.tolist()]
    for used, there in limited:
        uses.append(csr_array(used[None, :]))
        most.append(np.array([there * share]))
    found = linprog(  # type: ignore[call-overload] # the stubs know no sparse matrices
        -value, A_ub=vstack(uses), b_ub=np.concatenate(most), bounds=(0, 1), method="highs"
    )
    if not found.success:  # nothing is known of what is scarce: every limit counts alike
        found_prices, total = np.zeros(len(limited)), float(value.sum())
    else:
        found_prices, total = -found.ineqlin.marginals[customers:], -float(found.fun)
    prices = [
        dual + FLOOR * total / (there * share) if there else 0.0
        for dual, (_, there) in zip(found_prices.tolist(), limited, strict=True)
    ]
    place = np.zeros(len(rooms))
    place[scarce] = prices[len(prices) - len(scarce) :]
    return Prices(prices[0] if np.isfinite(budget) else 0.0, place)
