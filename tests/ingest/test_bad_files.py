"""The corpus of bad files: each is accepted, accepted with a warning, or refused in words that help."""

import sys
from pathlib import Path

import pytest

from estimation.errors import InputError
from estimation.ingest.sources import check_source

sys.path.insert(0, str(Path(__file__).parents[1] / "bad_files"))
from corpus import ACCEPT, REFUSE, WARN, made

CASES = list(made())


def test_the_corpus_has_more_than_120_bad_files_with_names_of_their_own():
    assert len({case.name for case in CASES}) == len(CASES)
    assert sum(case.outcome != ACCEPT for case in CASES) >= 120


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_file_has_the_outcome_it_must_have(case, tmp_path):
    path = tmp_path / case.name
    path.write_bytes(case.content)
    if case.outcome != REFUSE:
        checked = check_source(path, kind=case.kind)
        assert case.outcome == (WARN if checked.warnings else ACCEPT)
        assert any(case.says in str(one) for one in checked.warnings) or not case.says
        assert len(checked.table) >= 1
        return
    with pytest.raises(InputError) as error:
        check_source(path, kind=case.kind)
    problems = error.value.problems
    found = [one for one in problems if (one.row, one.column) == (case.row, case.column)]
    assert any(case.says in str(one) for one in found), str(error.value)
    assert all(one.came and one.wanted and one.remedy for one in problems)
