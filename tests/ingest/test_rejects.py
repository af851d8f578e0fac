import pytest

from estimation.errors import InputError
from estimation.ingest.sources import check_source

HEADER = "project,milestone,phase,baseline_finish,actual_finish,depends_on\n"


def written(folder, text):
    path = folder / "plan.csv"
    path.write_text(HEADER + text, encoding="utf-8")
    return path


def test_good_rows_stay_and_what_depends_on_a_bad_one_goes_with_it(tmp_path):
    rows = "a,1,discovery,2026-03-06,soon,\na,2,discovery,2026-03-13,,1\na,3,discovery,2026-03-20,,2\n"
    path = written(tmp_path, rows + "a,4,discovery,2026-03-20,,\nb,2,discovery,2026-03-20,,\n")
    checked = check_source(path, set_aside=True)
    assert checked.table[["project", "milestone"]].to_numpy().tolist() == [["a", "4"], ["b", "2"]]
    assert [(one.row, one.reasons[0].came, one.reasons[0].wanted) for one in checked.rejects] == [
        (2, "'soon' came", "wanted a date such as 2026-03-31"),
        (3, "'1' came", "milestone 1 was set aside"),
        (4, "'2' came", "milestone 2 was set aside"),
    ]
    assert checked.rejects[0].cells["actual_finish"] == "soon"
    with pytest.raises(InputError, match="'soon' came"):
        check_source(path)


def test_a_long_chain_behind_a_bad_row_is_set_aside_at_once(tmp_path):
    rows = [f"a,{n},discovery,2026-03-06,{'soon' if n == 1 else ''},{n - 1 or ''}" for n in range(1, 1500)]
    checked = check_source(
        written(tmp_path, "\n".join([*rows, "b,1,discovery,2026-03-06,,"])), set_aside=True
    )
    assert (len(checked.table), len(checked.rejects)) == (1, 1499)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("a,1,discovery,2026-03-06,03/04/2026,\n", "may mean"),  # a whole column is in doubt
        ("a,1,Data prep,2026-03-06,,\na,2,discovery,2026-03-06,,\n", "it may mean the phase"),
        ("a,1,discovery,soon,,\n", "'soon' came"),  # no row is left
    ],
)
def test_what_concerns_a_column_or_leaves_no_row_is_refused_all_the_same(tmp_path, rows, said):
    with pytest.raises(InputError, match=said):
        check_source(written(tmp_path, rows), set_aside=True)


def test_a_row_with_surplus_fields_is_set_aside_with_its_cells(tmp_path):
    path = written(tmp_path, "a,1,disc, overy,2026-03-06,,1\na,2,discovery,2026-03-06,,\n")
    (reject,) = check_source(path, set_aside=True).rejects
    assert (reject.row, [reason.came for reason in reject.reasons]) == (2, ["7 fields came"])


def lead(path):
    with pytest.raises(InputError) as error:
        check_source(path, set_aside=True)
    return str(error.value).splitlines()[0]


def test_what_must_be_settled_first_is_said_with_the_rows_that_could_then_be_set_aside(tmp_path):
    asked = "a,1,Data prep,2026-03-06,,\n"
    wrong = "a,2,discovery,soon,,\na,3,discovery,2026-03-13,,2\n"
    settle = "plan.csv: nothing was set aside: column 'phase' must be settled first, as it concerns more than one row."
    # The third row waits for the second and would go with it.
    path = written(tmp_path, asked + wrong)
    assert lead(path) == f"{settle} 2 rows could then be set aside."
    with pytest.raises(InputError, match=r"\A2 problems found"):  # nobody asked for setting aside
        check_source(path)
    assert (
        lead(written(tmp_path, asked + "a,2,discovery,soon,,\n"))
        == f"{settle} 1 row could then be set aside."
    )
    assert lead(written(tmp_path, asked + "a,2,discovery,2026-03-06,,\n")) == settle
    told = {"phases": {"Data prep": "data_preparation"}}
    assert len(check_source(written(tmp_path, asked + wrong), mapping=told, set_aside=True).rejects) == 2


def test_nothing_is_set_aside_where_no_row_would_be_left(tmp_path):
    said = "plan.csv: nothing was set aside, because no row would be left."
    assert lead(written(tmp_path, "a,1,discovery,soon,,\n")) == said
