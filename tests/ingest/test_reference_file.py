"""Reference classes: those that come with the toolkit are complete, a faulty file is explained."""

from textwrap import dedent

import pytest

from estimation.errors import InputError
from estimation.ingest.framework_file import read_framework
from estimation.ingest.reference_file import read_reference_classes

SMALL = """\
    phases: [build]
    classes:
      - id: elsewhere
        about: phases
        kind: measured
        what: Days of tasks.
        source: Someone, somewhere, 2020
        short: Someone 2020
        n_projects: 3
        n_rows: 9
        p10: 0.8
        p90: 1.6
"""


@pytest.fixture
def read(tmp_path):
    """Read the small file with a line replaced."""

    def read(old="", new=""):
        assert old in SMALL
        path = tmp_path / "small.yaml"
        path.write_text(dedent(SMALL.replace(old, new)), encoding="utf-8")
        return read_reference_classes(path)

    return read


def test_the_classes_that_come_with_the_toolkit_name_their_source_and_what_was_measured():
    phases, classes = read_reference_classes()
    assert list(phases) == [phase.id for phase in read_framework("ai_delivery").phases]
    assert len({one.id for one in classes}) == len(classes)
    for one in classes:
        figures = [one.figures[name] for name in ("p10", "p50", "p80", "p90") if name in one.figures]
        assert figures == sorted(figures)
        assert one.short
        assert (one.kind == "measured") == ("n_projects" in one.figures)


def test_data_preparation_is_stated_by_experts_and_measured_by_nobody():
    _, classes = read_reference_classes()
    (stated,) = [one for one in classes if one.kind == "expert"]
    assert stated.phases == ("data_preparation",)
    assert (stated.figures["p10"], stated.figures["p90"]) == (2, 5)
    assert "not measured" in stated.short


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("p10: 0.8", "p10: 1.8", "class number 1: p10 is 1.8 and p90 is 1.6; wanted p10 below p90"),
        ("p10: 0.8", "p10: 0", "p10 is 0; wanted a number; ratios above zero"),
        ("p10: 0.8", "", "'p10' is missing"),
        ("n_rows: 9", "n_row: 9", "the key 'n_row' is not known"),
        ("n_rows: 9", "", "'n_rows' is missing"),
        ("kind: measured", "kind: guessed", "kind is 'guessed'; wanted measured or expert"),
        ("kind: measured", "kind: expert", "phases: None came; wanted a list of phases"),
        ("about: phases", "about: projects", "no class is measured and about phases"),
        ("short: Someone 2020", "", "short is None; wanted text"),
        ("phases: [build]", "phases: build", "'build' came; wanted a list of phases"),
    ],
)
def test_a_faulty_file_is_refused_with_its_place(read, old, new, said):
    with pytest.raises(InputError) as refused:
        read(old, new)
    assert "small.yaml" in str(refused.value)
    assert said in str(refused.value)


def test_a_missing_file_and_one_that_is_no_yaml_are_refused(read, tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_reference_classes(tmp_path / "none.yaml")
    with pytest.raises(InputError, match=r"small\.yaml, row 2"):
        read("phases: [build]", "phases: [build")


def test_the_small_file_is_read_as_it_stands(read):
    phases, (one,) = read()
    assert phases == ("build",)
    assert one.figures == {"n_projects": 3, "n_rows": 9, "p10": 0.8, "p90": 1.6}
