from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from estimation.ledger.inputs import read_history, read_status
from estimation.pages import client_wording as wording
from estimation.pages.client_email import MOST_LINES, WIDEST, email_text
from estimation.pages.labels import milestone_words
from estimation.tracking.client_report import client_report
from estimation.tracking.client_tables import CLIENT_CAUSES

EXAMPLE = Path(__file__).resolve().parents[2] / "data" / "example"
FRIDAYS = [f"{day:%Y-%m-%d}" for day in pd.date_range("2026-02-06", periods=8, freq="W-FRI")]
LIKELY = {
    "p50_finish": pd.Timestamp("2026-03-17"),
    "p80_finish": pd.Timestamp("2026-03-24"),
    "prob_agreed": 0.12,
    "n_projects": 72,
}


@pytest.fixture(scope="module")
def told():
    history, status = (
        read_history(EXAMPLE / "told" / "plan.csv"),
        read_status(EXAMPLE / "told" / "status.csv"),
    )
    return cache(lambda as_of: client_report(history, status, "nlp-claims", as_of=as_of))


@pytest.fixture(scope="module")
def silent():
    history, status = (
        read_history(EXAMPLE / "running.csv"),
        read_status(EXAMPLE / "status" / "visual-inspection.csv"),
    )
    return client_report(history, status, "visual-inspection", as_of="2026-11-06")


def test_in_week_three_the_sponsor_hears_what_would_have_helped(told):
    report = told(FRIDAYS[2])
    assert wording.end_finding(report.facts) == (
        "The end moves to 13 Mar 2026, 3 working days after the agreed 10 Mar 2026. The last report said 9 Mar 2026."
    )
    note = wording.delay_notes(report)[0]
    parts = dict(note.parts)
    assert note.heading == "✓ 2.2 Training dataset prepared: 13 Feb → 20 Feb 2026, done 5 working days late"
    assert "A fifth of the labels contradicted each other" in parts["Why"]
    assert parts["Why"].endswith("(Told on 20 Feb 2026.)")
    assert parts["Moves with it"].startswith("11 later milestones, by 3 to 5 working days: from 2.3 ")
    assert parts["Moves with it"].endswith("5.4 Project acceptance signed (10 Mar → 13 Mar 2026).")
    assert parts["What we do"].endswith("can be won back. By 27 Feb 2026.")
    needs = wording.needs_overview(report)
    assert needs["by"].tolist()[:3] == ["24 Feb 2026", "26 Feb 2026", "27 Feb 2026"]
    assert needs["need"][0].startswith("Two of your claims experts for two days")
    assert "does 13 Mar 2026 work as the new end" in needs["need"][2]


def test_in_week_five_both_delays_are_told_the_new_one_first(told):
    notes = wording.delay_notes(told(FRIDAYS[4]))
    assert [note.heading.partition(":")[0] for note in notes] == [
        "✓ 3.3 Model evaluation report delivered",
        "✓ 2.2 Training dataset prepared",
    ]
    assert "one more round of training" in dict(notes[0].parts)["Why"]
    # 5.4 moves by ten days in all, five of them from here.
    assert dict(notes[0].parts)["Moves with it"].endswith("these dates hold the other delays as well.")


def test_the_answer_asked_for_knows_how_sure_the_new_end_is(told):
    report = told(FRIDAYS[2])
    asked = next(row for row in report.needs.itertuples() if row.kind == "decide")
    assert wording.need(asked, {**report.facts, **LIKELY}) == (
        "Your answer: does a day between 13 Mar 2026 and, to be safe, 24 Mar 2026 work as the new end, or what must be "
        "ready on 10 Mar 2026?"
    )


def test_what_is_done_comes_with_what_it_is_good_for(told):
    note = wording.done_notes(told(FRIDAYS[0]))[0]
    assert note.heading == "✓ 1.1 Data access confirmed"
    assert dict(note.parts)["Done"] == "3 Feb 2026: as agreed"
    assert dict(note.parts)["What it is for"].startswith("We can reach the data we agreed to work with")


@pytest.mark.parametrize("friday", FRIDAYS)
def test_a_milestone_that_is_done_late_has_one_note(told, friday):
    report = told(friday)
    done = [note.heading.partition(":")[0] for note in wording.done_notes(report)]
    late = [note.heading.partition(":")[0] for note in wording.delay_notes(report)]
    assert not set(done) & set(late)
    just_done = [f"✓ {milestone_words(row)}" for row in report.milestones.itertuples() if row.just_done]
    assert set(just_done) <= {*done, *late}


def test_a_milestone_done_late_is_told_with_what_it_is_for_once(told):
    # 2.2 is done in week three, and only remembered in week five.
    assert dict(wording.delay_notes(told(FRIDAYS[2]))[0].parts)["What it is for"].startswith(
        "The examples from which"
    )
    remembered = wording.delay_notes(told(FRIDAYS[4]))[1]
    assert "What it is for" not in dict(remembered.parts)


def test_what_the_work_waits_for_is_needed_now_and_not_by_the_status_date(told):
    report = told(FRIDAYS[2])
    waiting = replace(report, needs=report.needs.assign(now=True))
    assert wording.needs_overview(waiting)["by"].eq("now").all()
    assert wording.headline(waiting)["Needed from you"] == "now"
    assert wording.need_finding(waiting).startswith("From you we need first, now: Two of your claims experts")
    assert "- now: Two of your claims experts" in email_text(waiting)


def test_an_end_that_can_be_met_is_not_called_sure(told):
    assert wording.end_finding(told(FRIDAYS[0]).facts) == (
        "The agreed end, 10 Mar 2026, can be met: if the work left goes as planned, it is done on 6 Mar 2026, "
        "2 working days before it."
    )


@pytest.mark.parametrize(
    ("end_promised", "n_promised", "agreed"),
    [
        (False, 0, "Agreed is the date of the plan agreed at the start."),
        (True, 19, "Agreed is the date promised to you."),
        (
            True,
            1,
            "Agreed is the date promised to you where there is one, as for the end of the project, else the "
            "date of the plan agreed at the start.",
        ),
        (
            False,
            2,
            "Agreed is the date promised to you where there is one, else the date of the plan agreed at the start.",
        ),
    ],
)
def test_no_date_of_a_plan_is_called_promised(told, end_promised, n_promised, agreed):
    # The plan of the story has 19 milestones.
    report = told(FRIDAYS[2])
    facts = {**report.facts, "end_promised": end_promised, "n_promised": n_promised}
    other = replace(report, facts=facts)
    assert wording.agreed_terms(other).startswith(agreed)
    assert ("Agreed end" in wording.headline(other)) == end_promised


def test_a_project_that_is_done_says_so(told):
    assert wording.end_finding(told(FRIDAYS[7]).facts) == (
        "The project is done, on 27 Mar 2026: agreed 10 Mar 2026, 13 working days later."
    )


def test_chances_are_told_in_tens_and_only_where_there_is_a_forecast(told):
    facts = told(FRIDAYS[2]).facts
    assert wording.sure_finding(facts) == ""
    assert wording.sure_finding({**facts, **LIKELY}) == (
        "13 Mar 2026 holds if the rest goes as planned; as 72 earlier projects went, it is as likely as not done by "
        "17 Mar 2026 and about 8 in 10 by 24 Mar 2026. Rely on 24 Mar 2026; the agreed 10 Mar 2026 has a chance of "
        "about 1 in 10."
    )
    # Nobody relies on a day before the one on which the rest, as planned, is done; and nobody forecasts what is over.
    assert "Rely on 13 Mar 2026;" in wording.sure_finding(
        {**facts, **LIKELY, "p80_finish": facts["agreed_finish"]}
    )
    assert wording.sure_finding({**told(FRIDAYS[7]).facts, **LIKELY}) == ""
    assert wording.headline(replace(told(FRIDAYS[2]), facts={**facts, **LIKELY}))[
        "About 8 in 10 by"
    ] == pd.Timestamp("2026-03-24")


def test_a_project_that_is_done_has_no_chances_any_more(told):
    assert wording.sure_finding({**told(FRIDAYS[7]).facts, **LIKELY}) == ""


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.0, "less than 1 in 20"),
        (0.06, "about 1 in 10"),
        (0.84, "about 8 in 10"),
        (1.0, "more than 19 in 20"),
    ],
)
def test_no_chance_is_certain(probability, words):
    assert wording.in_ten(probability) == words


def test_silent_moves_stand_in_the_banner_with_the_old_and_the_new_date(silent, told):
    text = wording.banner(silent)
    assert text.startswith("Not explained: dates moved and no reason was written down")
    assert "1.2 Data quality assessment complete (26 Aug → 27 Aug 2026)" in text
    assert wording.banner(told(FRIDAYS[2])) == ""


def test_a_reason_the_client_has_not_heard_is_told_as_news(told):
    report = told(FRIDAYS[2])
    moves = report.moves.assign(kind="not told")
    assert wording.told_now_finding(report.moves) == ""
    assert (
        "2.2 Training dataset prepared, 16 Feb → 20 Feb 2026: A fifth of the labels"
        in wording.told_now_finding(moves)
    )
    delays = report.delays.assign(told_client_on=pd.NaT)
    assert (
        "(Told with this report.)"
        in dict(wording.delay_notes(replace(report, delays=delays))[0].parts)["Why"]
    )


def test_without_a_reason_the_cause_is_told_in_plain_words_and_without_either_that_is_said(told):
    report = told(FRIDAYS[2])
    row = report.delays.assign(reason=None, cause="staffing")
    assert wording.why(next(row.itertuples())) == "People were free for it later than planned."
    assert wording.why(next(row.assign(cause=None).itertuples())) == wording.NO_REASON
    assert set(wording.CAUSES) == set(CLIENT_CAUSES)


@pytest.mark.parametrize("friday", FRIDAYS)
def test_the_email_fits_one_screen_in_every_week(told, friday):
    report = told(friday)
    for facts in (report.facts, {**report.facts, **LIKELY}):
        lines = email_text(replace(report, facts=facts)).splitlines()
        assert len(lines) <= MOST_LINES
        assert max(map(len, lines)) <= WIDEST
        assert lines[0] == f"Subject: Claims letters NLP pipeline: status of {pd.Timestamp(friday).day} " + (
            f"{pd.Timestamp(friday):%b %Y}"
        )


def test_the_email_says_what_the_report_says(told):
    text = " ".join(email_text(told(FRIDAYS[2])).split())
    for part in (
        "The end moves to 13 Mar 2026, 3 working days after the agreed 10 Mar 2026.",
        "Done: 8 of 19 milestones",
        "2.2 Training dataset prepared: 13 Feb -> 20 Feb 2026.",
        "Moves 11 later milestones by up to 5 working days.",
        "A fifth of the labels contradicted each other",
        "by 27 Feb 2026: Your answer: does 13 Mar 2026 work as the new end",
        "by 24 Feb 2026: Two of your claims experts",
        "23 Feb 2026: 2.3 Data quality meets threshold due (agreed 16 Feb 2026)",
        "up to three of the five days can be won back. By 27 Feb 2026.",
    ):
        assert part in text


@pytest.mark.parametrize("facts", [{}, LIKELY])
@pytest.mark.parametrize("friday", FRIDAYS)
def test_the_email_ends_where_sentences_end_and_says_what_is_left_out(told, friday, facts):
    report = told(friday)
    report = replace(report, facts={**report.facts, **facts})
    text = email_text(report)
    assert "..." not in text
    flat = " ".join(text.split())
    named = [row for row in report.delays.itertuples() if f"- {milestone_words(row)}: " in flat]
    for row in named:  # each with the first sentence of its reason
        reason = wording.why(row)
        assert reason[: reason.index(".") + 1] in flat
    left = len(report.delays) - len(named)
    assert (f"Late ({left} more in the report):" in text) == (left > 0)
    if left == 0 and not all(wording.why(row) in flat and wording.recovery(row) in flat for row in named):
        assert "Late (more in the report):" in text
    if len(report.needs):
        needs = [
            line[2:].partition(":")[0] for line in text.splitlines() if line.startswith(("- by ", "- now"))
        ]
        dates = [
            report.facts["as_of"] if by == "now" else pd.to_datetime(by[3:], format="%d %b %Y")
            for by in needs
        ]
        assert dates == sorted(dates)
        assert ("Your answer: " in flat) == (report.needs["kind"] == "decide").any()
        left = len(report.needs) - len(needs)
        assert (f"We need from you ({left} more in the report):" in text) == (left > 0)


def test_the_email_names_every_late_milestone_with_its_reason(told):
    # In week five 3.3 and 2.2 have lost days, each by a reason of its own.
    flat = " ".join(email_text(told(FRIDAYS[4])).split())
    assert (
        "3.3 Model evaluation report delivered: 20 Feb -> 6 Mar 2026. Done. Long letters are misread, so the"
        in flat
    )
    assert (
        "2.2 Training dataset prepared: 13 Feb -> 20 Feb 2026. Done. Scanned letters came in two layouts"
        in flat
    )


def test_an_email_names_as_many_milestones_done_as_fit_and_counts_the_rest(told):
    # Four are done in the first week.
    flat = " ".join(email_text(told(FRIDAYS[0])).split())
    assert (
        "since the last report: 1.1 Data access confirmed, 1.2 Data quality assessment complete and 2 more."
        in flat
    )


def test_the_email_with_a_banner_fits_as_well(silent):
    lines = email_text(silent).splitlines()
    assert lines[2].startswith("!! Not explained: dates moved")
    assert len(lines) <= MOST_LINES
    assert max(map(len, lines)) <= WIDEST


def test_the_longest_words_do_not_break_the_screen(told):
    report = told(FRIDAYS[2])
    long = "word " * 200
    delays = pd.concat(
        [report.delays.assign(reason=long, recovery_plan=long, name=long)] * 6, ignore_index=True
    )
    needs = report.needs.assign(waiting_on=long)
    crowded = replace(
        report, delays=delays, needs=needs, facts={**report.facts, **LIKELY, "project_name": long}
    )
    lines = email_text(crowded).splitlines()
    assert len(lines) <= MOST_LINES
    assert max(map(len, lines)) <= WIDEST


def test_a_long_name_takes_no_date_out_of_the_email(told):
    report = told(FRIDAYS[2])
    long = 60 * "name "
    longer = {name: getattr(report, name).assign(name=long) for name in ("delays", "next_steps")}
    lines = email_text(replace(report, **longer, facts={**report.facts, "project_name": long})).splitlines()
    text = " ".join(" ".join(lines).split())
    assert lines[0].endswith("na ...: status of 20 Feb 2026")
    assert "...: 13 Feb -> 20 Feb 2026." in text
    assert "... due (agreed 16 Feb 2026)" in text
    assert max(map(len, lines)) <= WIDEST


def test_a_date_that_was_moved_and_moved_back_shows_where_it_was_meanwhile(silent):
    moves = silent.moves.head(2).assign(
        milestone="b",
        name="Second",
        old_finish=pd.to_datetime(["2026-03-13", "2026-03-18"]),
        new_finish=pd.to_datetime(["2026-03-18", "2026-03-13"]),
        kind="silent",
        needs_reason=True,
        handed_down=False,
    )
    assert "b Second (13 Mar → 18 Mar 2026 and back)" in wording.banner(replace(silent, moves=moves))


def test_a_delay_with_nothing_after_it_moves_the_end(told):
    report = told(FRIDAYS[2])
    alone = replace(report, effects=report.effects.iloc[:0])
    assert wording.effect("5.4", alone) == "The end of the project."  # it is done on 13 March, as the project
    assert wording.effect("2.2", alone) == "Nothing: the plan has room for it."


def test_a_project_of_which_all_was_cancelled_is_not_called_done(told):
    report = told(FRIDAYS[2])
    over = replace(report, facts={**report.facts, "n_done": 0, "n_milestones": 0})
    assert wording.end_finding(over.facts) == "All that was agreed for 10 Mar 2026 has been cancelled."
    assert "Done on" not in wording.headline(over)
