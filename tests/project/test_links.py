"""Dependencies: what people write is read, put in order, and turned into the earliest start."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimation.errors import InputError
from estimation.project.links import Dependency, earliest_start, order_of_work, parse_dependencies


def links(**texts):
    """Dependencies by id; an underscore stands for the dot that Python names cannot have."""
    return {name.replace("_", "."): parse_dependencies(text) for name, text in texts.items()}


def test_the_house_syntax_is_read():
    assert parse_dependencies("2.1; 2.2FS+3d; 4SS, 5FF-1d") == (
        Dependency("2.1"),
        Dependency("2.2", "FS", 3.0),
        Dependency("4", "SS"),
        Dependency("5", "FF", -1.0),
    )


def test_empty_text_means_no_predecessors():
    assert parse_dependencies("") == parse_dependencies(" ; ") == ()


def test_a_week_of_lag_is_five_working_days():
    assert parse_dependencies("2.1FS+2w")[0].lag_days == 10.0
    assert parse_dependencies("2.1SS-0.5w")[0].lag_days == -2.5


@pytest.mark.parametrize("text", ["4ss+1d", "4 SS + 1 d", "4Ss +1D"])
def test_case_and_spaces_do_not_matter(text):
    assert parse_dependencies(text) == (Dependency("4", "SS", 1.0),)


@pytest.mark.parametrize("text", ["PASS", "data-prep", "ABC-12", "A1SS-12", "2.1-3d", "sprint_2"])
def test_an_id_that_looks_like_a_kind_or_a_lag_stays_an_id(text):
    # After a letter a kind needs a space, and a lag below zero needs a kind: otherwise it could be the id.
    assert parse_dependencies(text) == (Dependency(text),)


def test_a_kind_after_a_letter_needs_a_space():
    assert parse_dependencies("build FF") == (Dependency("build", "FF"),)


@pytest.mark.parametrize("piece", ["2.2FS-", "2.2FS+3", "2.1 2.2", "+3d", "3 days after 2.1", "2.2FS+3m"])
def test_a_piece_that_cannot_be_read_is_named(piece):
    with pytest.raises(InputError) as caught:
        parse_dependencies(f"1.1; {piece}")
    assert str(caught.value).startswith(
        f"'{piece}' in the dependencies '1.1; {piece}' cannot be read; wanted"
    )


@given(
    st.lists(
        st.builds(
            Dependency,
            milestone=st.from_regex(r"[a-zA-Z0-9]([a-zA-Z0-9.\-]{0,6}[0-9])?", fullmatch=True),
            kind=st.sampled_from(["FS", "SS", "FF", "SF"]),
            lag_days=st.integers(-40, 40).map(lambda half: half / 2),
        ),
        max_size=4,
    )
)
def test_what_is_written_reads_back_the_same(dependencies):
    assert parse_dependencies("; ".join(map(str, dependencies))) == tuple(dependencies)


def test_the_order_given_is_kept_where_there_is_a_choice():
    assert order_of_work(["c", "a", "b"], {}) == ["c", "a", "b"]
    # d comes first in the list but waits for b; c and a stay before b as given.
    assert order_of_work(["d", "c", "a", "b"], links(d="b")) == ["c", "a", "b", "d"]


def test_every_predecessor_comes_first():
    dependencies = links(a="d; c", b="a", c="d")
    order = order_of_work(["a", "b", "c", "d"], dependencies)
    assert order == ["d", "c", "a", "b"]


def test_an_id_given_twice_counts_once():
    assert order_of_work(["a", "b", "a"], links(a="b")) == ["b", "a"]


def test_a_circle_is_named_in_the_order_of_the_work():
    # 2.2 waits for 2.1, 2.3 for 2.2, and 2.1 for 2.3.
    dependencies = links(**{"2_1": "1.1; 2.3", "2_2": "2.1", "2_3": "2.2", "3_1": "2.3"})
    with pytest.raises(InputError, match=r"in a circle: 2\.1 -> 2\.2 -> 2\.3 -> 2\.1;"):
        order_of_work(["1.1", "2.1", "2.2", "2.3", "3.1"], dependencies)


def test_two_milestones_that_wait_for_each_other_are_a_circle():
    with pytest.raises(InputError, match=r"2\.1 -> 2\.2 -> 2\.1"):
        order_of_work(["2.1", "2.2"], links(**{"2_1": "2.2", "2_2": "2.1"}))


def test_a_milestone_that_waits_for_itself_is_a_circle():
    with pytest.raises(InputError, match="a -> a;"):
        order_of_work(["a"], links(a="a"))


def test_an_unknown_predecessor_is_named_with_the_nearest_id():
    with pytest.raises(InputError) as caught:
        order_of_work(["data-1", "data-2"], {"data-2": parse_dependencies("dat-1")})
    assert str(caught.value) == (
        "Milestone data-2 depends on dat-1, which is no milestone of this plan. Did you mean data-1?"
    )


def test_the_earliest_start_is_the_latest_of_all_links():
    # 2.1 is over on evening 6, so FS allows morning 6; 2.2 started on morning 4, so SS+3d allows morning 7.
    dependencies = parse_dependencies("2.1; 2.2SS+3d")
    assert earliest_start(dependencies, {"2.2": 4.0}, {"2.1": 6.0}, project_start=0.0) == 7.0


def test_nothing_starts_before_the_project():
    assert earliest_start(parse_dependencies("a FS-9d"), {}, {"a": 4.0}, project_start=2.0) == 2.0
    assert earliest_start((), {}, {}, project_start=2.0) == 2.0


def test_links_into_the_finish_set_no_start():
    assert earliest_start(parse_dependencies("1FF; 1SF+9d"), {"1": 5.0}, {"1": 8.0}, project_start=1.0) == 1.0


def test_part_of_a_day_of_lag_is_rounded_up_to_a_morning():
    assert earliest_start(parse_dependencies("1FS+0.5d"), {}, {"1": 4.0}, project_start=0.0) == 5.0
