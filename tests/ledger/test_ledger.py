"""What goes into the ledger stays as it came: known rows add nothing, contradictions are refused."""

import io
import json
import sys
from pathlib import Path

import example
import pandas as pd
import pytest
import sqlalchemy as sa
import tables_by_hand as by_hand

from estimation import content_hash, read_history
from estimation.errors import InputError, RefusedError
from estimation.ingest import sources
from estimation.ledger.entries import chained
from estimation.ledger.ledger import open_ledger
from estimation.ledger.schema import ENTRIES, KEPT, SEALS
from estimation.tables import STATUS

sys.path.insert(0, str(Path(__file__).parents[1] / "bad_files"))
from corpus import REFUSE, status_cases

EXAMPLE = "data/example/history.csv"


def atlas(**cells):
    row = {"project": "atlas", "milestone": "1.1", "baseline_finish": "2026-03-06"}
    return by_hand.history({**row, **cells})


def update(as_of, forecast=None, **cells):
    row = {"project": "atlas", "milestone": "1.1", "as_of": as_of, "forecast_finish": forecast}
    return by_hand.status_rows({**row, **cells}).astype({"told_client_on": "datetime64[s]"})


def stored(ledger):
    """Every row of every table."""
    with ledger._database.reading() as connection:
        return {table.name: sorted(map(repr, connection.execute(sa.select(table)).all())) for table in KEPT}


def test_the_history_comes_back_as_it_went_in(ledger, url, add):
    history = example.history()
    numbered = history.assign(baseline_version=history["baseline_version"].fillna(1))

    add(ledger, history)
    back = read_history(url)

    assert content_hash(back) == content_hash(numbered)
    assert back["milestone"].tolist() == history["milestone"].tolist()  # the order says what follows what
    assert back["source"].tolist() == history["source"].tolist()


def test_what_was_estimated_and_the_factor_come_back_beside_the_baseline(ledger, url, add):
    planned = {
        "baseline_days": 14.4,
        "estimate_days": 10.0,
        "factor_used": 1.44,
        "estimate_start": "2026-03-02",
    }
    add(ledger, atlas(**planned))

    back = read_history(url)[list(planned)]

    assert back.iloc[0].tolist() == [14.4, 10.0, 1.44, pd.Timestamp("2026-03-02")]
    with pytest.raises(RefusedError, match="estimate_days"):
        add(ledger, atlas(**planned | {"estimate_days": 12.0}))


def test_added_work_without_any_baseline_comes_back_with_the_row_it_came_from(ledger, add):
    added = {
        "project": "atlas",
        "milestone": "1.2",
        "added_after_baseline": True,
        "actual_finish": "2026-03-09",
    }
    add(ledger, by_hand.history(added))

    back = ledger.history()

    assert back["milestone"].tolist() == ["1.2"]
    assert back["source"].tolist() == ["by hand, row 2"]


def test_the_same_rows_in_any_order_add_nothing(ledger, add):
    history = example.history()
    first = add(ledger, history)
    before = stored(ledger)

    again = add(ledger, history.sample(frac=1, random_state=3), file="copy.csv")

    assert (first.entry, first.n_new) == (1, len(history))
    assert (again.entry, again.n_new) == (None, 0)
    assert again.head == first.head
    assert stored(ledger) == before


def test_a_long_table_taken_in_parts_adds_what_it_adds_in_one(new_url, add, monkeypatch):
    history = example.history()
    names = history["project"].unique()[:8]
    history = history[history["project"].isin(names)]
    known = history[history["project"].isin(names[::2])].reset_index(drop=True)
    twice = atlas().assign(baseline_version=2).astype({"baseline_version": "Int64"})
    rows = pd.concat(
        [atlas(), history, twice], ignore_index=True
    )  # known, new, and two baselines of one project
    tables = []
    for rows_at_once in (1, 50_000):
        monkeypatch.setattr("estimation.ledger.table_writer.ROWS_AT_ONCE", rows_at_once)
        ledger = open_ledger(new_url("sqlite"), create=True)
        add(ledger, known)
        added = add(ledger, rows)
        assert added.n_new == len(rows) - len(known)
        assert add(ledger, rows.iloc[::-1].reset_index(drop=True)).entry is None
        tables.append((added.head, stored(ledger)))

    assert tables[0] == tables[1]


def test_projects_nobody_knew_are_taken_as_row_by_row(new_url, add, monkeypatch):
    from estimation.ledger.row_writer import RowWriter

    tables = []
    for quick in (True, False):
        if not quick:
            monkeypatch.setattr(
                RowWriter,
                "_collect_new_projects",
                lambda *_: pytest.fail("wanted the way that looks at each row"),
            )
        ledger = open_ledger(new_url("sqlite"), create=True)
        if not quick:  # a project that is known makes every row be looked at
            monkeypatch.setattr("estimation.ledger.row_writer.look_up", lambda *_: ({"x": 0}, {}))
        rows = pd.concat([example.history(), atlas(forecast_finish="2026-03-10")], ignore_index=True)
        add(ledger, rows)
        tables.append(stored(ledger))

    assert tables[0] == tables[1]


def test_a_higher_version_is_a_new_baseline_and_the_first_stays(ledger, add):
    add(ledger, atlas())
    add(ledger, atlas(baseline_version=2, baseline_finish="2026-03-20"))

    assert ledger.history()["baseline_finish"].tolist() == [pd.Timestamp("2026-03-06")]
    assert ledger.history(baseline="last")["baseline_finish"].tolist() == [pd.Timestamp("2026-03-20")]
    assert ledger.baselines()["baseline_version"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("column", "came"),
    [("baseline_finish", "2026-03-13"), ("promised_finish", "2026-03-09"), ("actual_finish", "2026-03-11")],
)
def test_a_contradiction_is_refused_and_both_sources_are_named(ledger, add, column, came):
    add(ledger, atlas(promised_finish="2026-03-06", actual_finish="2026-03-10"), file="old.csv")
    before = stored(ledger)

    with pytest.raises(RefusedError) as error:
        add(ledger, atlas(**{"owner": "Ben", column: came}), file="new.csv")

    sentence = str(error.value).splitlines()[0]
    assert sentence.startswith(f"by hand, row 2: {column} {came} came for milestone 1.1 of atlas")
    assert "by hand, row 2 (entry 1) says" in sentence
    assert error.value.exit_code == 5
    assert stored(ledger) == before


def test_rows_of_one_table_may_not_contradict_each_other(ledger, add):
    both = pd.concat(
        [atlas(actual_finish="2026-03-10"), atlas(baseline_version=2, actual_finish="2026-03-11")]
    )

    with pytest.raises(RefusedError, match="actual_finish 2026-03-11 came"):
        add(ledger, both)
    assert ledger.head().number == 0


def test_a_correction_appends_and_the_later_word_counts(ledger, add):
    add(ledger, atlas(actual_finish="2026-03-19"))

    add(ledger, atlas(actual_finish="2026-03-09", baseline_finish="2026-03-05"), correct="typing error")

    row = ledger.history().iloc[0]
    assert row["actual_finish"] == pd.Timestamp("2026-03-09")
    assert row["baseline_finish"] == pd.Timestamp("2026-03-05")
    assert len(stored(ledger)["baselines"]) == len(stored(ledger)["status_updates"]) == 2
    # And what was corrected comes back neither with the first file nor from an earlier state of the ledger.
    assert add(ledger, atlas(actual_finish="2026-03-19")).n_new == 0
    url = ledger._database.url.render_as_string(hide_password=False)
    assert open_ledger(f"{url}?entry=1").history()["actual_finish"].tolist() == [pd.Timestamp("2026-03-19")]


def test_a_correction_can_be_taken_back(ledger, add):
    add(ledger, atlas(actual_finish="2026-03-19"))
    add(ledger, atlas(actual_finish="2026-03-09"), correct="typing error")

    back = add(ledger, atlas(actual_finish="2026-03-19"), correct="it was none")

    assert (back.entry, back.n_new) == (3, 1)
    assert ledger.history()["actual_finish"].tolist() == [pd.Timestamp("2026-03-19")]
    assert len(stored(ledger)["status_updates"]) == 3
    # Said once more it changes nothing, so nothing is added.
    assert add(ledger, atlas(actual_finish="2026-03-19"), correct="it was none").n_new == 0


def test_a_date_that_is_set_again_on_the_same_day_counts_and_a_file_handed_in_again_does_not(ledger, add):
    add(ledger, atlas())
    for forecast in ("2026-03-10", "2026-03-12"):
        add(ledger, update("2026-03-04", forecast), again=True)

    assert add(ledger, update("2026-03-04", "2026-03-10")).n_new == 0
    assert ledger.history()["forecast_finish"].tolist() == [pd.Timestamp("2026-03-12")]
    assert add(ledger, update("2026-03-04", "2026-03-10"), again=True).n_new == 1
    assert add(ledger, update("2026-03-04", "2026-03-10"), again=True).n_new == 0

    moves = ledger.forecast_moves()
    assert moves["old_finish"].dt.day.tolist() == [6, 10, 12]
    assert moves["new_finish"].dt.day.tolist() == [10, 12, 10]
    assert ledger.history()["forecast_finish"].tolist() == [pd.Timestamp("2026-03-10")]


@pytest.mark.parametrize("later", ["2026-03-05", "2026-03-09"])
def test_the_reason_of_an_earlier_date_does_not_explain_a_later_one(ledger, add, later):
    add(ledger, atlas())
    add(ledger, update("2026-03-05", "2026-03-12", reason="Access came late", told_client_on="2026-03-05"))

    add(ledger, update(later, "2026-03-20"))

    assert ledger.forecast_moves()["silent"].tolist() == [False, True]
    for row in (ledger.status().iloc[-1], ledger.history().iloc[0]):
        assert row["forecast_finish"] == pd.Timestamp("2026-03-20")
        assert pd.isna(row["reason"])
        assert pd.isna(row["told_client_on"])


@pytest.mark.parametrize("text", ["a\0b", "half of \ud83d a letter"])
def test_text_that_no_database_keeps_is_refused_in_each(ledger, add, text):
    with pytest.raises(InputError, match=r"by hand, row 2: owner of milestone '1\.1' holds .*Remove"):
        add(ledger, atlas(owner=text))
    assert ledger.head().number == 0


def test_text_of_any_other_kind_comes_back_as_it_went_in(ledger, add):
    words = "{curly} %s :name ?1 'quoted' \"doubly\" ; DROP TABLE entries; -- Zürich \U0001f600 \r\n\t"
    add(ledger, atlas(owner=words), file="Z\udcfcrich {}.csv", made_by="anna\udcff")

    assert ledger.history()["owner"].tolist() == [words]
    with ledger._database.reading() as connection:
        assert connection.execute(sa.text("SELECT file FROM imports")).scalar() == "Z\\udcfcrich {}.csv"


def test_empty_cells_are_filled_and_never_erased(ledger, add):
    add(ledger, atlas(owner="Anna", actual_start="2026-03-02"))

    add(ledger, atlas(actual_finish="2026-03-09", baseline_start="2026-03-02"))

    row = ledger.history().iloc[0]
    assert (row["owner"], row["actual_start"]) == ("Anna", pd.Timestamp("2026-03-02"))
    assert row["actual_finish"] == pd.Timestamp("2026-03-09")
    assert row["baseline_start"] == pd.Timestamp("2026-03-02")


def test_a_forecast_that_moves_without_a_reason_is_silent_for_good(ledger, add):
    add(ledger, atlas())
    add(ledger, update("2026-03-02", "2026-03-06"))  # as planned: no move
    add(ledger, update("2026-03-04", "2026-03-10"))
    add(ledger, update("2026-03-05", "2026-03-12", reason="Access came late", told_client_on="2026-03-05"))
    add(ledger, update("2026-03-04", "2026-03-10", reason="said afterwards"))

    moves = ledger.forecast_moves()
    assert moves["old_finish"].dt.day.tolist() == [6, 10]
    assert moves["new_finish"].dt.day.tolist() == [10, 12]
    assert moves["silent"].tolist() == [True, False]
    assert moves["reason"].fillna("").tolist() == ["", "Access came late"]
    assert moves["told_client_on"].iloc[1] == pd.Timestamp("2026-03-05")
    assert moves["moved_by"].tolist() == ["anna", "anna"]
    assert ledger.history()["forecast_finish"].tolist() == [pd.Timestamp("2026-03-12")]
    assert ledger.status()["reason"].fillna("").tolist() == ["", "said afterwards", "Access came late"]


def test_a_status_that_comes_late_does_not_overtake_a_later_one(ledger, add):
    add(ledger, atlas())
    add(ledger, update("2026-03-09", "2026-03-20", percent_complete=0.8))
    add(ledger, update("2026-03-02", "2026-03-13", percent_complete=0.1, owner=None))

    row = ledger.history().iloc[0]
    assert (row["forecast_finish"], row["percent_complete"]) == (pd.Timestamp("2026-03-20"), 0.8)


def test_a_status_of_unknown_work_is_refused(ledger, add):
    add(ledger, atlas())
    with pytest.raises(InputError, match=r"has no milestone 1\.1 of borealis(.|\n)*Add the plan first"):
        add(ledger, update("2026-03-09", "2026-03-20").assign(project="borealis").astype({"project": "str"}))
    assert ledger.head().number == 1


@pytest.mark.parametrize("case", list(status_cases()), ids=lambda case: case.name)
def test_a_status_that_came_through_no_gate_is_judged_as_its_file_would_be(ledger, add, case):
    rows = pd.read_csv(io.BytesIO(case.content), dtype={"milestone": "str", "percent_complete": "str"})
    share = rows["percent_complete"].str.rstrip("%").astype(float) / 100
    flag = rows["added_after_baseline"].map({"yes": True})
    rows = rows.assign(percent_complete=share, added_after_baseline=flag).astype({"as_of": "datetime64[s]"})
    add(ledger, atlas())

    if case.outcome == REFUSE:
        with pytest.raises(InputError) as error:
            add(ledger, by_hand.by_hand(rows, STATUS))
        assert case.says in str(error.value)
        assert f"column '{case.column}'" in str(error.value)
        assert ledger.head().number == 1
    else:
        add(ledger, by_hand.by_hand(rows, STATUS))
        assert len(ledger.status()) == 1


def test_two_entries_may_not_say_together_what_one_row_may_not(ledger, add):
    add(ledger, atlas(percent_complete=0.8, updated_on="2026-03-06"))  # a history is no status of that day
    add(ledger, update("2026-03-06", actual_finish="2026-03-06"))
    with pytest.raises(
        RefusedError, match=r"percent_complete 0\.9 came .* the status of 2026-03-06 says actual_finish 2026"
    ):
        add(ledger, update("2026-03-06", percent_complete=0.9))
    assert (
        add(ledger, update("2026-03-13", percent_complete=0.9)).n_new == 1
    )  # a week later the work is open again


def test_a_status_of_added_work_makes_the_milestone_and_a_plan_gives_its_phase(ledger, add):
    add(ledger, atlas())
    week = by_hand.status_rows(
        {"project": "atlas", "milestone": "1.2", "as_of": "2026-03-13", "remaining_days": 2},
        {"project": "atlas", "milestone": "1.2", "as_of": "2026-03-06", "added_after_baseline": True},
    )
    assert add(ledger, week).n_new == 2
    assert ledger.status()["milestone"].tolist() == ["1.2", "1.2"]
    assert ledger.history()["milestone"].tolist() == ["1.1"]
    assert ledger.plan("atlas")["milestone"].tolist() == ["1.1"]

    add(ledger, by_hand.plan_rows({"project": "atlas", "milestone": "1.2", "baseline_days": 5}))
    assert ledger.history()["milestone"].tolist() == ["1.1", "1.2"]

    with pytest.raises(
        InputError, match=r"has no milestone 1\.2 of altas.* or correct the ids; .*added_after_baseline"
    ):
        add(ledger, week.assign(project="altas").astype({"project": "str"}))


@pytest.mark.parametrize(
    "statement",
    ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "INSERT OR REPLACE INTO {0} SELECT * FROM {0}"],
)
def test_no_row_can_be_changed_or_removed(ledger, add, statement):
    add(ledger, atlas(cause="data_quality", recovery_plan="two more people", forecast_finish="2026-03-09"))
    if "REPLACE" in statement and not ledger._database.sqlite:
        pytest.skip("a statement of SQLite")
    before = stored(ledger)
    for table in KEPT:
        if before[table.name]:
            words = statement.format(table.name, next(iter(table.c)).name)
            with (
                pytest.raises(RefusedError, match="only ever adds rows"),
                ledger._database.writing() as connection,
            ):
                connection.exec_driver_sql(words)
    assert stored(ledger) == before


def test_each_entry_is_sealed_with_what_came_before(ledger, add):
    heads = [add(ledger, atlas()).head, add(ledger, atlas(owner="Ben")).head]

    with ledger._database.reading() as connection:
        query = sa.select(ENTRIES, SEALS.c.rows_hash).join(SEALS, SEALS.c.entry == ENTRIES.c.number)
        rows = connection.execute(query.order_by(ENTRIES.c.number)).mappings().all()
    before = ""
    for row, head in zip(rows, heads, strict=True):
        facts = {name: value for name, value in row.items() if name != "rows_hash"}
        before = chained(before, facts, row["rows_hash"])
        assert head.content_hash == before
    assert str(heads[1]) == f"entry 2, {heads[1].content_hash[:12]}"


def test_what_was_said_about_a_file_is_kept_with_it(ledger, add):
    add(ledger, atlas(), file="plan.xlsx", warnings=["row 9 was set aside"])

    with ledger._database.reading() as connection:
        row = connection.execute(sa.text("SELECT * FROM imports")).mappings().one()
    assert (row["file"], row["contents"], row["n_rows"], row["n_new"]) == ("plan.xlsx", "history", 1, 1)
    assert json.loads(row["warnings"]) == ["row 9 was set aside"]


def test_a_plan_comes_back_as_a_plan(ledger, add):
    plan = sources.read_plan_table("data/example/plans/contract-search.csv")
    add(ledger, plan)
    assert content_hash(ledger.plan("contract-search")) == content_hash(plan)
    with pytest.raises(InputError, match="has no project 'atlas'"):
        ledger.plan("atlas")


def test_an_empty_ledger_says_so(ledger):
    assert str(ledger.head()) == "empty"
    with pytest.raises(InputError, match="the ledger is empty"):
        ledger.history()
