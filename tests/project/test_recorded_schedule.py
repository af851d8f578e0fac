import numpy as np
import pandas as pd

from estimation.project.links import dependencies_of, parse_dependencies
from estimation.project.network import network_from, recorded_schedule

NONE = np.array([np.nan, np.nan])


def follow(milestones, links, origin, *, not_before=None, **recorded):
    network = network_from(milestones, links, origin=origin, not_before=not_before)
    return recorded_schedule(network, **recorded).counted_from(origin)


def links(**texts):
    return {name: parse_dependencies(text) for name, text in texts.items()}


def test_a_start_follows_from_the_predecessor_and_a_finish_from_the_days():
    # a: 3 days from morning 10, done on evening 13; b starts that morning-after (13), 2 days.
    course = follow(
        ["a", "b"],
        links(a="", b="a"),
        10.0,
        start=NONE,
        finish=NONE,
        days=np.array([3.0, 2.0]),
    )
    assert course.morning.tolist() == [10, 13]
    assert course.evening.tolist() == [13, 15]


def test_an_unknown_finish_of_a_predecessor_leaves_the_start_unknown():
    course = follow(
        ["a", "b"],
        links(a="", b="a"),
        10.0,
        start=NONE,
        finish=np.array([np.nan, 10.0]),
        days=NONE,
    )
    assert np.isnan(course.morning[1])
    assert np.isnan(course.own_days[1])


def test_work_is_held_back_until_its_not_before_morning():
    course = follow(
        ["a", "b"],
        links(a="", b="a"),
        0.0,
        start=NONE,
        finish=NONE,
        days=np.array([1.0, 1.0]),
        not_before=np.array([-np.inf, 5.0]),
    )
    assert course.morning.tolist() == [0, 5]
    assert course.ready.tolist() == [0, 5]


def test_added_work_has_no_place_in_an_assumed_order():
    rows = pd.DataFrame(
        {
            "milestone": ["a", "extra", "b"],
            "depends_on": [None, None, None],
            "added_after_baseline": pd.array([False, True, None], dtype="boolean"),
        }
    )
    found = dependencies_of(rows)
    assert [link.milestone for link in found["b"]] == ["a"]
    assert found["extra"] == ()
