"""Fair shares: how much of a joint result each of several contributions made, whatever the order they are named in."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import combinations

import numpy as np

MOST_COALITIONS = 2_000_000
"""Up to so many all are looked at; beyond, orders are drawn."""
ORDERS = 4096
"""A power of two: shares of whole days are then exact as they stand."""
_SEED = 1953
_UNIT = 1_000_000
"""Results are counted in millionths of a day, so that sums are sums of whole numbers."""


def fair_shares(
    result: Callable[[np.ndarray], np.ndarray], groups: Sequence[Sequence[int]]
) -> tuple[list[Fraction], bool]:
    """Divide a joint result among parts that belong to groups: the Owen value, exactly.

    All orders in which the groups might have come one after the other are equally likely, and within its group each
    order of its parts. A share is what a part adds to the result when it comes, averaged over the orders. With one
    part per group this is the Shapley value. What a group gets does not depend on how it is divided into parts.

    ``result`` takes a bool array, shape (n parts, n cases), and gives the result of each case; each part stands in one
    group. The shares, one per part, add up to the result with all parts less the result with none, exactly (to a
    millionth of a unit). The flag is False where there are too many coalitions: 4,096 orders were drawn then, each
    with its reverse, and the shares still add up exactly.

    References
    ----------
    .. [1] Shapley, L. S. (1953). A value for n-person games. Contributions to the Theory of Games II, 307-317.
    .. [2] Owen, G. (1977). Values of games with a priori unions. Mathematical Economics and Game Theory, 76-88.

    Examples
    --------
    >>> def latest(on):
    ...     return np.max(on * np.array([[5.0], [4.0]]), axis=0)  # side by side, five and four days late
    >>> [str(share) for share in fair_shares(latest, [[0], [1]])[0]]
    ['3', '2']
    """
    count = 2 ** len(groups) + sum((2 ** len(group) - 2) * 2 ** (len(groups) - 1) for group in groups)
    if count > MOST_COALITIONS:
        return _drawn_shares(result, groups), False
    return _all_shares(result, groups), True


def _all_shares(result, groups: Sequence[Sequence[int]]) -> list[Fraction]:
    n, n_parts = len(groups), sum(map(len, groups))
    masks = np.arange(2**n)

    def value(masks: np.ndarray, parts: Sequence[int] = ()) -> np.ndarray:
        on = np.zeros((n_parts, len(masks)), dtype=bool)
        for place, group in enumerate(groups):
            on[list(group)] = (masks >> place) & 1
        on[list(parts)] = True
        return _counted(result(on))

    values, shares = value(masks), [Fraction(0)] * n_parts
    for place, group in enumerate(groups):
        others = masks[(masks >> place) & 1 == 0]
        size = np.bitwise_count(others)
        with_parts = {
            frozenset(some): value(others, some)
            for m in range(1, len(group))
            for some in combinations(group, m)
        }
        with_parts |= {frozenset(): values[others], frozenset(group): values[others | (1 << place)]}
        for part in group:
            for some, before in with_parts.items():
                if part in some:
                    continue
                added = with_parts[some | {part}] - before
                by_size = np.bincount(size, weights=added, minlength=n)
                outside = sum(_orders(s, n) * int(total) for s, total in enumerate(by_size))
                shares[part] += _orders(len(some), len(group)) * outside
    return [share / _UNIT for share in shares]


def _orders(before: int, n: int) -> Fraction:
    """Share of the orders of n in which exactly these come before one of them."""
    return Fraction(math.factorial(before) * math.factorial(n - 1 - before), math.factorial(n))


def _drawn_shares(result, groups: Sequence[Sequence[int]]) -> list[Fraction]:
    rng = np.random.default_rng(_SEED)
    n_parts = sum(map(len, groups))
    drawn = [
        [part for place in rng.permutation(len(groups)) for part in rng.permutation(list(groups[place]))]
        for _ in range(ORDERS // 2)
    ]
    orders = np.array(drawn + [order[::-1] for order in drawn]).T
    on = np.zeros((n_parts, ORDERS), dtype=bool)
    before, totals = _counted(result(on)), np.zeros(n_parts, dtype=np.int64)
    for came in orders:
        on[came, np.arange(ORDERS)] = True
        now = _counted(result(on))
        np.add.at(totals, came, now - before)
        before = now
    return [Fraction(int(total), ORDERS * _UNIT) for total in totals]


def _counted(values: np.ndarray) -> np.ndarray:
    return np.rint(values * _UNIT).astype(np.int64)
