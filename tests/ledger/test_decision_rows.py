"""Decisions in the ledger, on both databases: the latest word counts, earlier ones stay, and a file says the same."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import tables_by_hand as by_hand

from estimation.cli import command as cli
from estimation.errors import InputError
from estimation.ledger.inputs import read_decisions
from estimation.ledger.ledger import open_ledger
from estimation.project.decisions import DECISIONS
from estimation.tables import check_table

WHO = {"made_by": "anna", "made_at": dt.datetime(2026, 4, 6, 9, 0)}


@pytest.fixture
def started(ledger, add):
    add(
        ledger,
        by_hand.history(*({"project": p, "milestone": "1", "baseline_finish": "2026-03-06"} for p in "pq")),
    )
    return ledger


def word(action="ask", **said):
    dates = {name: pd.Timestamp(said.pop(name)) for name in ("due", "done_on", "decided_on") if name in said}
    return {"project": "p", "action": action, **said, **dates}


def test_the_latest_word_counts_and_the_ledger_can_be_read_as_it_stood(started, url):
    first = started.decide(word(owner="otto", due="2026-05-01"), **WHO)
    again = started.decide(word(owner="otto", due="2026-05-01"), **WHO)
    done = started.decide(word(done_on="2026-04-20"), **WHO)

    assert (first.entry, again.entry, done.entry) == (2, None, 3)
    table = started.decisions()
    check_table(table, DECISIONS, "decisions")
    assert table[["owner", "decided_on", "done_on"]].to_numpy().tolist() == [
        ["otto", pd.Timestamp("2026-04-06"), pd.Timestamp("2026-04-20")]
    ]
    assert open_ledger(f"{url}?entry=2").decisions()["done_on"].isna().all()
    assert started.counts()["decisions"] == 2
    pd.testing.assert_frame_equal(read_decisions("", history=url), table)


def test_what_is_refused_leaves_the_ledger_as_it_was(started):
    before = started.head()
    with pytest.raises(InputError, match=r"has no project 'pp'\. Did you mean 'p'\?"):
        started.decide({**word(owner="otto", due="2026-05-01"), "project": "pp"}, **WHO)
    with pytest.raises(InputError, match="nothing was decided there"):
        started.decide(word(done_on="2026-05-01"), **WHO)
    assert started.head() == before


def test_decisions_travel_with_an_export(started, new_url, tmp_path):
    started.decide(word(owner="Jörg, otto", due="2026-05-01", note='an\nend of "line"'), **WHO)
    started.export(tmp_path / "there.zip")
    copy = open_ledger(new_url("sqlite"), create=True)
    copy.load(tmp_path / "there.zip")
    copy.export(tmp_path / "back.zip")
    assert (tmp_path / "there.zip").read_bytes() == (tmp_path / "back.zip").read_bytes()
    pd.testing.assert_frame_equal(copy.decisions(), started.decisions())


@pytest.mark.parametrize("seed", range(3))
def test_a_file_and_a_ledger_that_are_told_the_same_hold_the_same_decisions(started, url, tmp_path, seed):
    """Random words through the command, some of them refused: by both, with the same exit code."""
    rng, file = np.random.default_rng(seed), str(tmp_path / "decisions.csv")
    codes = []
    for _ in range(25):
        words = ["decide", "pq"[rng.integers(2)], f"action, no. {rng.integers(3)}"]
        for option, first, last, often in (
            ("--decided", 1, 9, 0.8),
            ("--due", 5, 29, 0.8),
            ("--done", 1, 29, 0.2),
        ):
            if rng.random() < often:
                words += [option, f"2026-03-{rng.integers(first, last):02d}"]
        for option, texts in (("--owner", ("otto ", "")), ("--note", ('a "b"', " Zürich"))):
            if rng.random() < 0.7:
                words += [option, texts[rng.integers(2)]]
        said = [cli.main([*words, *where]) for where in (("--file", file), ("--ledger", url))]
        codes.append(said[0])
        assert said[0] == said[1]
    assert {0, 3} <= set(codes)
    pd.testing.assert_frame_equal(read_decisions(file), read_decisions(url))
