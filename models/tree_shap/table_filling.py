"""The tables of a tree: for every combination of states the sum of the Shapley values of a group's leaves.

A leaf whose path has nodes on d features is a game of d players: with the players of S in, its worth is its value
times, for players outside S, the share of training rows that go its way, and zero where one of S has its condition
not met. The Shapley value of player i, met or not (m_i, 1 or 0), shares z (Lundberg et al. 2018, arXiv:1802.03888),
is an integral over t of a product of d - 1 lines, since k! (d - 1 - k)! / d! = integral t^k (1 - t)^(d - 1 - k):

    phi_i = value * (m_i - z_i) * integral_0^1 prod_{j != i} (m_j t + z_j (1 - t)) dt

Gauss-Legendre quadrature with (d + 1) // 2 points is exact for it, and all terms are positive: nothing cancels.
"""

import numpy as np
from numba import types
from numpy.typing import NDArray

from models.compute.kernel_cache import kernel
from models.rows.history import Floats, Integers
from models.tree_shap.lanes import LANES
from models.tree_shap.leaf_paths import PATHS, LeafPaths
from models.tree_shap.tree_groups import meeting
from models.tree_shap.tree_reader import Integers32

MOST_PLAYERS = 12
POINTS, WEIGHTS = np.zeros((MOST_PLAYERS + 1, MOST_PLAYERS)), np.zeros((MOST_PLAYERS + 1, MOST_PLAYERS))
for _players in range(1, MOST_PLAYERS + 1):
    _points, _weights = np.polynomial.legendre.leggauss((_players + 1) // 2)
    POINTS[_players, : len(_points)], WEIGHTS[_players, : len(_points)] = (_points + 1) / 2, _weights / 2

_I, _F = types.int32[::1], types.float64[::1]
_STATES = types.Tuple((types.int64, _I, types.uint64[::1], _I, _I, _I))
_GAMES = types.Tuple((types.int64[::1], types.int32[:, ::1], types.int64[::1], _F))
_ENTRIES = types.float32[:, ::1]


@kernel(_STATES(PATHS, _I))
def states_of(
    paths: LeafPaths, members: Integers32
) -> tuple[int, Integers32, NDArray[np.uint64], Integers32, Integers32, Integers32]:
    """A group's states, and how a row's codes become an entry's number.

    Returns the number of entries; how many states each own feature has; for each state, from the place of the
    feature's first cell on, which members have their condition met; and terms (own feature, code, weight): the
    number is the sum of the weights of those whose feature's code is greater than theirs.
    """
    counts, cells = np.zeros(len(paths.own), np.int32), len(paths.last)
    bits_of, terms, size = np.empty(cells, np.uint64), 0, 1
    feature, above, weight = np.empty(cells, np.int32), np.empty(cells, np.int32), np.empty(cells, np.int32)
    for i in range(len(paths.own)):
        start, found, before = paths.start[i], 0, 0
        for cell in range(start, paths.start[i + 1]):
            bits, state = meeting(paths, members, len(members), cell), 0
            while state < found and bits_of[start + state] != bits:
                state += 1
            if state == found:
                bits_of[start + state] = bits
                found += 1
            if state != before:
                feature[terms], above[terms], weight[terms] = i, paths.last[cell - 1], (state - before) * size
                terms += 1
            before = state
        counts[i] = found
        size *= found
    return size, counts, bits_of, feature[:terms], above[:terms], weight[:terms]


@kernel(types.void(types.float64, _F, types.int64, _F))
def shapley_values(value: float, share: Floats, players: int, phi: Floats) -> None:
    """Fill the Shapley values (2^players, players), one after another, of every pattern of met conditions.

    Bit i of a pattern is player i's. share: of each player.
    """
    before = np.empty(players + 1)
    before[0] = 1.0
    for pattern in range(1 << players):
        at = pattern * players
        phi[at : at + players] = 0.0
        for q in range((players + 1) // 2):
            t, after = POINTS[players, q], WEIGHTS[players, q] * value
            for i in range(players):
                before[i + 1] = before[i] * (((pattern >> i) & 1) * t + share[i] * (1 - t))
            for i in range(players - 1, -1, -1):
                met = (pattern >> i) & 1
                phi[at + i] += (met - share[i]) * before[i] * after
                after *= met * t + share[i] * (1 - t)


@kernel(_GAMES(PATHS, _I, _F))
def games_of(paths: LeafPaths, members: Integers32, values: Floats) -> tuple[Integers, Integers32, Integers, Floats]:
    """Every member's game: how many players it has, which own features they are (members, own), and from `begin` on
    its Shapley values by pattern.
    """
    own = len(paths.own)
    players, begin = np.zeros(len(members), np.int64), np.zeros(len(members) + 1, np.int64)
    who, share = np.empty((len(members), own), np.int32), np.empty((len(members), own))
    for j in range(len(members)):
        for i in range(own):
            if paths.share[members[j], i] >= 0:
                who[j, players[j]], share[j, players[j]] = i, paths.share[members[j], i]
                players[j] += 1
        begin[j + 1] = begin[j] + (players[j] << players[j])
    phi = np.empty(begin[-1])
    for j in range(len(members)):
        shapley_values(values[j], share[j], players[j], phi[begin[j] :])
    return players, who, begin, phi


@kernel(_ENTRIES(PATHS, _I, _I, _F, _I, types.int64, _I, types.uint64[::1]))
def entries_of(
    paths: LeafPaths,
    members: Integers32,
    numbers: Integers32,
    values: Floats,
    lane: Integers32,
    size: int,
    counts: Integers32,
    bits_of: NDArray[np.uint64],
) -> NDArray[np.float32]:
    """A group's table (size, LANES).

    numbers: what lane 0 says of each member that is reached. values: theirs, less what the tree expects, which moves
    no Shapley value and keeps the entries small. lane: of each own feature. size, counts, bits_of: of `states_of`.
    """
    players, who, begin, phi = games_of(paths, members, values)
    entries, state, sums = np.zeros((size, LANES), np.float32), np.zeros(len(counts), np.int32), np.empty(LANES)
    for entry in range(size):
        sums[:] = 0.0
        for j in range(len(members)):
            pattern = np.int64(0)
            for p in range(players[j]):
                bits = bits_of[paths.start[who[j, p]] + state[who[j, p]]]
                pattern |= np.int64((bits >> np.uint64(j)) & np.uint64(1)) << p
            for p in range(players[j]):
                sums[lane[who[j, p]]] += phi[begin[j] + pattern * players[j] + p]
            if pattern == (1 << players[j]) - 1:
                sums[0] = numbers[j]
        for k in range(LANES):
            entries[entry, k] = sums[k]
        for i in range(len(counts)):  # the next combination of states
            state[i] += 1
            if state[i] < counts[i]:
                break
            state[i] = 0
    return entries
