import numpy as np
import pandas as pd
import pytest
from how_often import examples
from hypothesis import given
from hypothesis import strategies as st
from plans_by_hand import diamond
from random_plans import KINDS, networks, plan_of
from tables_by_hand import plan_rows

from estimation.errors import InputError
from estimation.project.network import count_driving
from estimation.project.plan import build_plan, outside_dates


def courses(plan, days):
    finishes = np.array(days, dtype=float)
    starts = plan.network.schedule(finishes)
    return starts, finishes


def walked(plan, *days):
    starts, finishes = courses(plan, np.array(days)[:, None])
    return starts[:, 0].tolist(), finishes[:, 0].tolist()


def driving_share(plan, days):
    starts, finishes = courses(plan, days)
    return (count_driving(plan.network, starts, finishes) / finishes.shape[1]).tolist()


def test_work_begins_when_its_last_predecessor_is_done():
    # A 0-2; B 2-5; C 2-8; D 8-10.
    assert walked(diamond(), 2, 3, 6, 2) == ([0, 2, 2, 8], [2, 5, 8, 10])


def test_at_the_planned_durations_the_walk_is_the_plan():
    plan = diamond()
    finishes = walked(plan, *plan.baseline.own_days)[1]
    assert finishes == (plan.baseline.evening - plan.network.origin).tolist()


@pytest.mark.parametrize(
    ("link", "start", "finish"),
    [
        ("A", 4, 7),  # A 0-4, then B 4-7
        ("AA", None, None),
        ("A FS+2d", 6, 9),
        ("A FS-1d", 3, 6),
        ("A SS+1d", 1, 4),
        ("A FF+1d", 0, 5),  # B would be done on 3; it may not be before A's 4 + 1
        ("A SF+6d", 0, 6),  # not done before A's start 0 + 6
    ],
)
def test_each_kind_of_link_moves_the_end_it_is_about(link, start, finish):
    if link == "AA":
        with pytest.raises(InputError, match="Did you mean A"):
            build_plan(plan_rows({"milestone": "A", "baseline_days": 4.0},
                                 {"milestone": "B", "baseline_days": 3.0, "depends_on": link}))  # fmt: skip
        return
    plan = build_plan(
        plan_rows(
            {"milestone": "A", "baseline_days": 4.0},
            {"milestone": "B", "baseline_days": 3.0, "depends_on": link},
        )
    )
    starts, finishes = walked(plan, 4, 3)
    assert (starts[1], finishes[1]) == (start, finish)


def test_work_waits_for_its_not_before_date_and_for_a_gap_in_the_plan():
    # Not before Mon 16 March: ten working days after Mon 2.
    held = diamond(B={"not_before": "2026-03-16"})
    assert walked(held, 2, 3, 6, 2)[0][1] == 10
    gap = diamond(D={"baseline_start": "2026-03-16"})
    assert walked(gap, 2, 3, 6, 2)[0][3] == 10


def test_the_driving_path_is_the_chain_that_set_the_finish():
    # C (6) beats B (3) in the first course, B (9) beats C in the second: each drives half of the time.
    plan = diamond()
    days = np.array([[2, 2], [3, 9], [6, 6], [2, 2]], dtype=float)
    assert driving_share(plan, days) == [1.0, 0.5, 0.5, 1.0]


def test_work_beside_the_driving_path_does_not_drive_even_when_it_sets_the_start_of_idle_work():
    # E hangs on B and ends the project nowhere: A, C, D drive; B sets the start of E, which is over long before D.
    plan = build_plan(
        plan_rows(
            *({"milestone": k, "baseline_days": d, "depends_on": on} for k, d, on in
              (("A", 2.0, ""), ("B", 3.0, "A"), ("C", 6.0, "A"), ("D", 2.0, "C"), ("E", 1.0, "B")))
        )
    )  # fmt: skip
    days = np.array([[2.0], [3.0], [6.0], [2.0], [1.0]])
    assert driving_share(plan, days) == [1, 0, 1, 1, 0]


def test_a_link_between_finishes_moves_the_plan_and_its_walk_alike():
    # 1 takes 20 days; 2 (3 days) may not finish before two days after it: evening 22, in the plan as in the walk.
    plan = build_plan(
        plan_rows(
            {"milestone": "1", "baseline_days": 20.0, "depends_on": ""},
            {"milestone": "2", "baseline_days": 3.0, "depends_on": "1FF+2d"},
            {"milestone": "3", "baseline_days": 2.0, "depends_on": "2"},
        )
    )
    finishes = walked(plan, *plan.baseline.own_days)[1]
    assert finishes == (plan.baseline.evening - plan.network.origin).tolist()
    assert (plan.baseline.evening - plan.calendar.mornings([plan.start])[0]).tolist() == [20, 22, 24]


def test_criticality_over_random_courses_equals_naming_the_longest_chain_by_hand():
    rng = np.random.default_rng(3)
    days = rng.uniform(1, 10, (4, 500))
    share = driving_share(diamond(), days)
    assert share[1] == pytest.approx((days[1] > days[2]).mean())
    assert share[2] == pytest.approx((days[2] > days[1]).mean())


@examples(30)
@given(st.integers(0, 1_000_000))
def test_a_new_dependency_never_makes_any_milestone_earlier(seed):
    rng = np.random.default_rng(seed)
    days = rng.uniform(0.5, 10, (4, 20))
    _, free = courses(diamond(), days)
    _, bound = courses(diamond(B={"depends_on": "A; C"}), days)
    assert (bound >= free).all()


def reference_finishes(rows, days):
    """Walk forward in float64 by recursion over the text of the plan; dates are counted by numpy."""
    by_id = {row["milestone"]: (row, own) for row, own in zip(rows, days, strict=True)}
    known = {}

    def times(milestone):
        if milestone in known:
            return known[milestone]
        row, own = by_id[milestone]
        start, finish_bounds = 0.0, []
        if row.get("not_before"):
            start = max(start, float(np.busday_count("2026-03-02", row["not_before"])))
        if row.get("fixed_finish"):
            finish_bounds.append(float(np.busday_count("2026-03-02", row["fixed_finish"])) + 1)
        for piece in filter(None, row["depends_on"].split("; ")):
            before, link = piece.split(" ")
            kind, lag = link[:2], float(link[2:-1])
            begun, ended = times(before)
            bound = (begun if kind[0] == "S" else ended) + lag
            if kind[1] == "S":
                start = max(start, bound)
            else:
                finish_bounds.append(bound)
        known[milestone] = start, max([start + own, *finish_bounds])
        return known[milestone]

    return np.array([times(row["milestone"]) for row in rows])


@examples(100)
@given(networks())
def test_the_walk_agrees_with_a_recursion_written_apart(drawn):
    # Quarters of days below 500 are exact in 32 bits.
    rows, days = drawn
    plan = plan_of(rows)
    finishes = days.astype(np.float32)
    starts = plan.network.schedule(finishes)
    for course in range(days.shape[1]):
        expected = reference_finishes(rows, days[:, course])
        np.testing.assert_allclose(starts[:, course], expected[:, 0], atol=1e-3)
        np.testing.assert_allclose(finishes[:, course], expected[:, 1], atol=1e-3)


def test_the_walk_agrees_with_the_recursion_on_long_chains_of_odd_durations():
    # 80 durations and lags that 32 bits round, about 400 days in all. Below 512 a number is rounded by up to 1.5e-5:
    # two for each milestone, if all went one way, 80 * 3e-5 = .0024; by chance they cancel to a thousandth.
    rng = np.random.default_rng(5)
    rows = [{"milestone": "m0", "baseline_days": 5.0, "depends_on": ""}]
    for k in range(1, 80):
        before = {k - 1, int(rng.integers(max(0, k - 20), k))}
        links = "; ".join(f"m{one} {rng.choice(KINDS)}{rng.uniform(-2, 2):+.1f}d" for one in sorted(before))
        rows.append({"milestone": f"m{k}", "baseline_days": 5.0, "depends_on": f"m{k - 1} FS+0.1d; {links}"})
    days = rng.uniform(0, 10, (80, 2))
    finishes = days.astype(np.float32)
    plan_of(rows).network.schedule(finishes)
    for course in range(2):
        expected = reference_finishes(rows, days[:, course])[:, 1]
        assert 300 < expected.max() < 500
        np.testing.assert_allclose(finishes[:, course], expected, atol=1e-3)


@examples(40)
@given(networks(), st.data())
def test_more_to_do_or_more_to_wait_for_never_makes_any_finish_earlier(drawn, data):
    rows, days = drawn
    before = days.astype(np.float32)
    plan_of(rows).network.schedule(before)
    longer = days.astype(np.float32)
    longer[data.draw(st.integers(0, len(rows) - 1))] += data.draw(st.integers(0, 20)) / 4
    plan_of(rows).network.schedule(longer)
    assert (longer >= before).all()
    later = max(rows, key=lambda row: int(row["milestone"][1:]))
    others = [row["milestone"] for row in rows if row is not later]
    if others:
        link = f"{data.draw(st.sampled_from(others))} {data.draw(st.sampled_from(KINDS))}+0d"
        joined = "; ".join(filter(None, [later["depends_on"], link]))
        bound = days.astype(np.float32)
        plan_of([{**row, "depends_on": joined} if row is later else row for row in rows]).network.schedule(
            bound
        )
        assert (bound >= before).all()


@examples(30)
@given(networks(lags=st.just(0), dates=False), st.sampled_from([0.25, 2.0, 8.0]))
def test_without_lags_and_dates_the_finish_scales_with_the_durations(drawn, factor):
    rows, days = drawn
    network = plan_of(rows).network
    once, scaled = days.astype(np.float32), (days * factor).astype(np.float32)
    network.schedule(once)
    network.schedule(scaled)
    np.testing.assert_allclose(scaled, once * factor, atol=1e-3)


@examples(60)
@given(networks(kinds=("FS",), lags=st.just(0), dates=False))
def test_a_milestone_drives_where_it_has_no_float(drawn):
    # Late dates by a backward pass: no successor may be delayed. Quarters of days are exact, so float is exactly zero.
    rows, days = drawn
    plan = plan_of(rows)
    n_without_float = np.zeros(len(rows), int)
    for own in days.T:
        times = reference_finishes(rows, own)
        late = np.full(len(rows), times[:, 1].max())
        for k in reversed(plan.network.order):
            for link in plan.network.links[k]:
                late[link.place] = min(late[link.place], late[k] - own[k])
        n_without_float += late == times[:, 1]
    finishes = days.astype(np.float32)
    starts = plan.network.schedule(finishes)
    assert count_driving(plan.network, starts, finishes).tolist() == n_without_float.tolist()


def test_a_link_to_a_start_or_a_finish_drives_by_the_end_it_hangs_on():
    # 2 starts one day after 1 starts (SS) and takes 10: the finish hangs on 1's start, so 1 drives. 3 (1 day) may not
    # be done before 2 is (FF): it is done last with 2, and drives as well.
    plan = build_plan(
        plan_rows(
            {"milestone": "1", "baseline_days": 4.0, "depends_on": ""},
            {"milestone": "2", "baseline_days": 10.0, "depends_on": "1SS+1d"},
            {"milestone": "3", "baseline_days": 1.0, "depends_on": "2FF"},
            {"milestone": "4", "baseline_days": 1.0, "depends_on": "1"},
        )
    )
    assert driving_share(plan, [[4.0], [10.0], [1.0], [1.0]]) == [1, 1, 1, 0]


def test_work_held_by_a_date_is_not_driven_by_its_predecessor():
    # 2 waits for Monday 16 March, day 10; 1 is done on day 4.
    plan = build_plan(
        plan_rows(
            {"milestone": "1", "baseline_days": 4.0, "depends_on": "", "not_before": None},
            {"milestone": "2", "baseline_days": 5.0, "depends_on": "1", "not_before": "2026-03-16"},
        )
    )
    assert driving_share(plan, [[4.0], [5.0]]) == [0, 1]


def test_starts_may_be_written_into_room_that_is_given():
    network, days = diamond().network, np.array([[2.0], [3.0], [6.0], [2.0]])
    room = np.empty_like(days)
    assert network.schedule(days, starts=room) is room
    assert room[:, 0].tolist() == [0, 2, 2, 8]


def test_only_dates_set_from_outside_are_kept_apart():
    assert outside_dates(diamond()) is None
    gap = diamond(D={"baseline_start": "2026-03-16"})  # a gap of the plan is no date from outside
    assert outside_dates(gap) is None
    held = diamond(B={"not_before": "2026-03-16"})
    assert outside_dates(held).earliest.tolist() == [-np.inf, 10, -np.inf, -np.inf]
    fixed = diamond(C={"fixed_finish": "2026-03-31"})  # Tuesday, the evening of day 22
    assert outside_dates(fixed).earliest_finish.tolist() == [-np.inf, -np.inf, 22, -np.inf]


def test_teams_with_calendars_of_their_own_walk_the_plan_they_have():
    # Israel works Sunday to Thursday, Germany Monday to Friday. A: 3 days from Mon 2 March 2026, Mon to Wed. B (Israel,
    # 4 days): Thu, Sun, Mon, Tue 10 March (Wed 4 March is over; Fri and Sat off; no holiday in that week). C (Germany,
    # 2 days): Wed 11, Thu 12.
    plan = build_plan(
        plan_rows(
            {"milestone": "A", "baseline_days": 3.0, "depends_on": "", "calendar": "1111100"},
            {"milestone": "B", "baseline_days": 4.0, "depends_on": "A", "calendar": "1111001"},
            {"milestone": "C", "baseline_days": 2.0, "depends_on": "B", "calendar": "1111100"},
        )
    )
    network = plan.network
    for kind in (np.float64, np.float32):
        finishes = np.repeat(plan.baseline.own_days[:, None], 5, axis=1).astype(kind)
        starts = network.schedule(finishes)
        dates = plan.finish_dates(network.origin + finishes[:, 0].astype(float))
        assert [f"{day:%d %b}" for day in pd.to_datetime(dates)] == ["04 Mar", "10 Mar", "12 Mar"]
        assert count_driving(network, starts, finishes).tolist() == [5, 5, 5]
