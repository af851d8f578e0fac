"""Dependencies: what people write is read, put in order, and turned into the earliest start."""

from estimation.project.links import Dependency, parse_dependencies


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
