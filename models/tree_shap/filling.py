"""The tables of a tree: for every combination of states the sum of the Shapley values of a group's leaves.

A leaf whose path has nodes on d features is a game of d players: with the players of S in, its worth is its value
times, for players outside S, the share of training rows that go its way, and zero where one of S has its condition
not met. The Shapley value of player i, met or not (m_i, 1 or 0), shares z (Lundberg et al. 2018, arXiv:1802.03888),
is an integral over t of a product of d - 1 lines, since k! (d - 1 - k)! / d! = integral t^k (1 - t)^(d - 1 - k):

    phi_i = value * (m_i - z_i) * integral_0^1 prod_{j != i} (m_j t + z_j (1 - t)) dt

Gauss-Legendre quadrature with (d + 1) // 2 points is exact for it, and all terms are positive: nothing cancels.
"""

import numpy as np
from numba import njit, types

from models.history import Floats
from models.tree_shap.grouping import meeting
from models.tree_shap.lanes import LANES
from models.tree_shap.reading import Flags, Integers32

MOST_PLAYERS = 12
POINTS, WEIGHTS = np.zeros((MOST_PLAYERS + 1, MOST_PLAYERS)), np.zeros((MOST_PLAYERS + 1, MOST_PLAYERS))
for _players in range(1, MOST_PLAYERS + 1):
    _points, _weights = np.polynomial.legendre.leggauss((_players + 1) // 2)
    POINTS[_players, : len(_points)], WEIGHTS[_players, : len(_points)] = (_points + 1) / 2, _weights / 2

_I, _F, _BB, _FF = types.int32[::1], types.float64[::1], types.uint8[:, ::1], types.float64[:, ::1]
_ROF = types.Array(types.float64, 2, "C", readonly=True)
_TERMS = types.Tuple((_I, _I, _I, types.float32[:, ::1]))


@njit(_FF(types.float64, _F, types.int64), cache=True, nogil=True)
def patterns(value: float, share: Floats, players: int) -> Floats:
    """Shapley values (2^players, players) for every pattern of met conditions, bit i for player i."""
    phi = np.zeros((1 << players, players))
    before = np.empty(players + 1)
    for pattern in range(1 << players):
        for q in range((players + 1) // 2):
            t, weight = POINTS[players, q], WEIGHTS[players, q]
            before[0] = 1.0
            for i in range(players):
                met = (pattern >> i) & 1
                before[i + 1] = before[i] * (met * t + share[i] * (1 - t))
            after = weight
            for i in range(players - 1, -1, -1):
                met = (pattern >> i) & 1
                phi[pattern, i] += value * (met - share[i]) * before[i] * after
                after *= met * t + share[i] * (1 - t)
    return phi


@njit(_TERMS(_I, _I, _BB, _FF, _I, _I, _F, _I), cache=True, nogil=True)
def table(  # type: ignore[no-untyped-def]
    members: Integers32,
    numbers: Integers32,
    sat: Flags,
    share: Floats,
    start: Integers32,
    cell_last: Integers32,
    values: Floats,
    lane: Integers32,
):
    """One group's table, and how a row's codes become an entry's number.

    members: the leaves, as in `paths`; numbers and values: what lane 0 shall say of each, and its value less what
    the tree expects. lane: of each of the tree's own features.

    Returns terms (feature, code, weight): the entry is the sum of the weights of those whose feature's code is
    greater than theirs; and the entries (n, LANES).
    """
    count = len(members)
    k = len(start) - 1
    state_bits = np.empty(start[k], np.uint64)  # of a feature's states, from its first cell's place on
    states = np.ones(k, np.int32)
    term_of, term_at, term_weight = (
        np.empty(start[k], np.int32),
        np.empty(start[k], np.int32),
        np.empty(start[k], np.int32),
    )
    terms, size = 0, 1
    for i in range(k):
        found, before = 0, 0
        for cell in range(start[i], start[i + 1]):
            bits = meeting(members, count, sat, cell)
            state = 0
            while state < found and state_bits[start[i] + state] != bits:
                state += 1
            if state == found:
                state_bits[start[i] + state] = bits
                found += 1
            if state != before:
                term_of[terms], term_at[terms], term_weight[terms] = i, cell_last[cell - 1], (state - before) * size
                terms += 1
            before = state
        states[i] = found
        size *= found
    who, players = np.empty((count, k), np.int32), np.zeros(count, np.int64)
    begin = np.zeros(count + 1, np.int64)
    for j in range(count):
        for i in range(k):
            if share[members[j], i] >= 0:
                who[j, players[j]] = i
                players[j] += 1
        begin[j + 1] = begin[j] + (players[j] << players[j])
    phi = np.empty(begin[count])
    for j in range(count):
        shares = np.array([share[members[j], who[j, p]] for p in range(players[j])])
        phi[begin[j] : begin[j + 1]] = patterns(values[j], shares, players[j]).ravel()
    entries = np.zeros((size, LANES), np.float32)
    state, sums = np.zeros(k, np.int32), np.empty(LANES)
    for entry in range(size):
        sums[:] = 0
        for j in range(count):
            pattern = 0
            for p in range(players[j]):
                bits = state_bits[start[who[j, p]] + state[who[j, p]]]
                pattern |= np.int64((bits >> np.uint64(j)) & np.uint64(1)) << p
            at = begin[j] + pattern * players[j]
            for p in range(players[j]):
                sums[lane[who[j, p]]] += phi[at + p]
            if pattern == (1 << players[j]) - 1:
                sums[0] = numbers[j]
        for j in range(LANES):
            entries[entry, j] = sums[j]
        for i in range(k):  # the next combination
            state[i] += 1
            if state[i] < states[i]:
                break
            state[i] = 0
    return term_of[:terms], term_at[:terms], term_weight[:terms], entries
