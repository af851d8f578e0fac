from fractions import Fraction

import numpy as np
import pytest

from estimation.review import shapley as module
from estimation.review.shapley import fair_shares


def latest(*days):
    """Work side by side: the joint result is as late as the latest of it."""
    return lambda on: np.max(on * np.array(days, dtype=float)[:, None], axis=0)


def test_a_published_example_with_groups_and_without():
    # Saavedra-Nieves, R package GameTheoryAllocation, help page of Owen_value: values 1, 1, 2, 1, 2, 2, 2 of the
    # coalitions 1, 2, 3, 12, 13, 23, 123, which is the latest of 1, 1 and 2; groups {1, 2} and {3} give
    # 0.25, 0.25, 1.5 (Owen), no groups 1/3, 1/3, 4/3 (Shapley).
    assert fair_shares(latest(1, 1, 2), [[0, 1], [2]]) == (
        [Fraction(1, 4), Fraction(1, 4), Fraction(3, 2)],
        True,
    )
    assert fair_shares(latest(1, 1, 2), [[0], [1], [2]])[0] == [
        Fraction(1, 3),
        Fraction(1, 3),
        Fraction(4, 3),
    ]


def test_work_in_a_row_bears_what_it_lost():
    def in_a_row(on):
        return on.T @ np.array([5.0, -2.0, 3.0])

    assert fair_shares(in_a_row, [[0, 2], [1]])[0] == [5, -2, 3]


def test_what_a_group_bears_does_not_depend_on_how_it_is_divided():
    # Five late, beside two and three late in one group: five against five is 2.5 each. Within the group, hand count:
    # the second alone adds 3 or nothing.
    shares, _ = fair_shares(lambda on: np.maximum(5.0 * on[0], 2.0 * on[1] + 3.0 * on[2]), [[0], [1, 2]])
    assert shares[0] == Fraction(5, 2)
    assert shares[1] + shares[2] == Fraction(5, 2)
    assert shares[1:] == [1, Fraction(3, 2)]


def test_orders_that_are_drawn_still_add_up_exactly_and_come_near(monkeypatch):
    days = [7, 5, 5, 3, 1, 6]
    groups = [[0], [1, 2], [3], [4], [5]]

    def mixed(on):
        return np.maximum(on[:3].T @ np.array(days[:3]), on[3:].T @ np.array(days[3:])).astype(float)

    exact, every = fair_shares(mixed, groups)
    monkeypatch.setattr(module, "MOST_COALITIONS", 10)
    drawn, every_drawn = fair_shares(mixed, groups)
    assert (every, every_drawn) == (True, False)
    assert sum(drawn) == sum(exact) == 17
    # One share differs from order to order by at most its own days, so 4,096 of them err by about 7 / 64.
    assert [float(share) for share in drawn] == pytest.approx([float(share) for share in exact], abs=0.3)
