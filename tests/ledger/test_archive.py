"""The ledger travels between databases as one zip; what was changed on the way is refused."""

import csv
import datetime as dt
import hashlib
import io
import json
import zipfile
from pathlib import Path

import example
import pandas as pd
import pytest
import tables_by_hand as by_hand

from estimation.errors import EstimationError, InputError, RefusedError
from estimation.ledger.ledger import open_ledger
from estimation.ledger.publications import Forecast


@pytest.fixture
def filled(ledger, add):
    add(ledger, example.history("running.csv"), file="running.csv")
    add(ledger, example.status("demand-forecast"), file="status.csv")
    words = 'commas, "quotes", an\nend of line and Zürich'
    add(
        ledger,
        by_hand.history({"milestone": "1", "baseline_days": 0.1 + 0.2, "notes": words}),
        file="odd.csv",
    )
    return ledger


@pytest.mark.parametrize("other", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_the_same_tables_arrive_in_another_database(filled, new_url, other, tmp_path):
    target = open_ledger(new_url(other), create=True)

    filled.export(tmp_path / "there.zip")
    before, after = target.load(tmp_path / "there.zip")
    target.export(tmp_path / "back.zip")

    assert (before.number, after) == (0, filled.head())
    assert (tmp_path / "there.zip").read_bytes() == (tmp_path / "back.zip").read_bytes()
    pd.testing.assert_frame_equal(target.history(), filled.history())
    pd.testing.assert_frame_equal(target.forecast_moves(), filled.forecast_moves())


def test_texts_that_are_keys_stand_in_the_same_order_from_either_database(ledger, tmp_path):
    names = ["b", "B", "Ä", "a", "1.9", "1.10", "_", "-1", "\U0001f600", "\uffff", "a b", "ab"]
    quantiles = tuple((name, level, "2026-03-09") for name in names for level in (0.8, 0.5))
    forecast = Forecast("atlas", "2026-03-02", "a" * 64, "b" * 64, 7, 1000, "{}", quantiles)
    ledger.publish(forecast, made_by="anna", made_at=dt.datetime(2026, 3, 2))

    ledger.export(tmp_path / "there.zip")

    with zipfile.ZipFile(tmp_path / "there.zip") as archive:
        rows = csv.reader(archive.read("forecast_quantiles.csv").decode().splitlines())
    assert [(row[1], row[2]) for row in list(rows)[1:]] == [
        (name, level) for name in sorted(names) for level in ("0.5", "0.8")
    ]


def test_an_earlier_state_takes_what_is_missing_and_another_ledger_nothing(filled, add, new_url, tmp_path):
    copy = open_ledger(new_url("sqlite"), create=True)
    filled.export(tmp_path / "one.zip")
    copy.load(tmp_path / "one.zip")
    add(filled, by_hand.history({"project": "q", "milestone": "1", "baseline_finish": "2026-03-06"}))
    filled.export(tmp_path / "two.zip")

    before, after = copy.load(tmp_path / "two.zip")
    assert (before.number, after) == (3, filled.head())
    assert copy.load(tmp_path / "two.zip") == (after, after)  # and again nothing

    add(copy, by_hand.history({"project": "r", "milestone": "1", "baseline_finish": "2026-03-06"}))
    with pytest.raises(RefusedError, match="is not a later state of this ledger: entry 5"):
        copy.load(tmp_path / "two.zip")


def test_long_fields_and_odd_ends_of_line_travel_too(ledger, add, new_url, tmp_path):
    limit = csv.field_size_limit()
    text = "a\rb\r\n" + "long " * 50_000  # a quarter of a million letters; the csv module reads 131,072
    add(ledger, by_hand.history({"milestone": "1", "baseline_days": 5, "notes": text}), warnings=[text])
    target = open_ledger(new_url("sqlite"), create=True)

    ledger.export(tmp_path / "long.zip")
    target.load(tmp_path / "long.zip")

    assert target.history()["notes"].tolist() == [text]
    assert csv.field_size_limit() == limit


def test_no_byte_of_an_export_can_be_changed_unnoticed(new_url, add, tmp_path):
    ledger = open_ledger(new_url("sqlite"), create=True)
    add(ledger, by_hand.history({"milestone": "1", "baseline_finish": "2026-03-06", "notes": "Zürich"}))
    ledger.export(tmp_path / "good.zip")
    good = (tmp_path / "good.zip").read_bytes()
    target = open_ledger(new_url("sqlite"), create=True)
    refused = 0
    for place in range(0, len(good), 97):  # some fifty bytes, in headers, contents and the list of files
        for broken in (good[:place], good[:place] + bytes([good[place] ^ 0x55]) + good[place + 1 :]):
            (tmp_path / "broken.zip").write_bytes(broken)
            try:
                target.load(tmp_path / "broken.zip")
            except InputError as error:
                said = str(error)
            else:  # a byte without a meaning, such as the time of a file: then everything is there
                target.export(tmp_path / "back.zip")
                assert (tmp_path / "back.zip").read_bytes() == good
                target = open_ledger(new_url("sqlite"), create=True)
                continue
            refused += 1
            assert "is no whole export" in said or "was changed after" in said
            assert target.head().number == 0
    assert refused > len(good) // 97  # all that were cut off, and more


def rewritten(source, target, change):
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return target


def test_a_changed_or_broken_export_is_refused(filled, new_url, tmp_path):
    target = open_ledger(new_url("sqlite"), create=True)
    filled.export(tmp_path / "good.zip")

    def forged(name, content):
        return content.replace(b"2026-08-14", b"2026-08-13") if name == "baselines.csv" else content

    def without_reason(name, content):
        if name == "manifest.json":
            return content
        return content.replace(b"anna", b"otto") if name == "entries.csv" else content

    with pytest.raises(InputError, match=r"baselines\.csv was changed after the export"):
        target.load(rewritten(tmp_path / "good.zip", tmp_path / "forged.zip", forged))
    with pytest.raises(InputError, match=r"entries\.csv was changed after the export"):
        target.load(rewritten(tmp_path / "good.zip", tmp_path / "other.zip", without_reason))
    (tmp_path / "half.zip").write_bytes((tmp_path / "good.zip").read_bytes()[:2000])
    with pytest.raises(InputError, match="is no whole export of a ledger"):
        target.load(tmp_path / "half.zip")
    assert target.head().number == 0


@pytest.mark.parametrize("dropped", ["entries.csv", "seals.csv"])
def test_an_export_whose_last_entry_was_cut_off_is_refused(filled, new_url, dropped, tmp_path):
    target = open_ledger(new_url("sqlite"), create=True)
    filled.export(tmp_path / "good.zip")
    with zipfile.ZipFile(tmp_path / "good.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files[dropped] = b"".join(files[dropped].splitlines(keepends=True)[:-1])
    manifest = json.loads(files["manifest.json"])
    manifest["tables"][dropped.removesuffix(".csv")]["sha256"] = hashlib.sha256(files[dropped]).hexdigest()
    files["manifest.json"] = json.dumps(manifest).encode()  # as someone would who knows of the sums

    with pytest.raises(EstimationError, match=r"seal of entry 3 does not fit|refused"):
        target.load(rewritten(tmp_path / "good.zip", tmp_path / "cut.zip", lambda name, _: files[name]))
    assert target.head().number == 0


def test_an_export_of_a_newer_toolkit_is_refused(filled, new_url, tmp_path):
    target = open_ledger(new_url("sqlite"), create=True)
    filled.export(tmp_path / "good.zip")

    def newer(name, content):
        return content.replace(b'"schema_version": 4', b'"schema_version": 5') if "json" in name else content

    with pytest.raises(RefusedError, match="written in version 5, this toolkit knows up to 4"):
        target.load(rewritten(tmp_path / "good.zip", tmp_path / "newer.zip", newer))
    assert target.head().number == 0


def test_an_export_of_version_1_is_taken_whole(ledger, tmp_path):
    # Made by the last release of that version, with rows in every table; the head is the one that it printed.
    recorded = Path(__file__).parents[1] / "recorded" / "ledger_version_1.zip"

    _, after = ledger.load(recorded)

    assert str(after) == "entry 4, 30355442b14f"
    ledger.export(tmp_path / "again.zip")
    with zipfile.ZipFile(recorded) as old, zipfile.ZipFile(tmp_path / "again.zip") as new:
        manifests = [json.loads(one.read("manifest.json")) for one in (old, new)]
        tables = [
            {name: one.read(name) for name in one.namelist() if name.endswith(".csv")} for one in (old, new)
        ]
    # Decisions came with version 4: a table without rows.
    assert tables[1].pop("decisions.csv") == b"entry,project,action,owner,due,decided_on,done_on,note\r\n"
    assert manifests[1]["tables"].pop("decisions")
    # Estimates came with version 3: three columns of the baselines, empty.
    then, now = (list(csv.DictReader(io.StringIO(each.pop("baselines.csv").decode()))) for each in tables)
    assert tables[0] == tables[1]
    assert now == [
        {**row, **dict.fromkeys(["estimate_days", "factor_used", "estimate_start"], "")} for row in then
    ]
    for manifest in manifests:
        assert manifest["tables"].pop("baselines.csv", None) or manifest["tables"].pop("baselines")
    assert manifests[1] == {**manifests[0], "schema_version": 4}


def test_an_export_of_version_3_is_taken_whole_and_goes_on(ledger, tmp_path):
    # Made by the last release of that version, two files' worth of rows; the head is the one that it printed.
    recorded = Path(__file__).parents[1] / "recorded" / "ledger_version_3.zip"

    _, after = ledger.load(recorded)

    assert str(after) == "entry 2, 4be8d30bf3fa"
    assert ledger.history()["estimate_days"].tolist() == [4.0, 4.0]
    assert ledger.decisions().empty
    said = {"project": "p", "action": "ask first", "owner": "anna", "due": pd.Timestamp("2026-04-01")}
    ledger.decide(said, made_by="anna", made_at=dt.datetime(2026, 3, 2))
    assert ledger.decisions()["action"].tolist() == ["ask first"]


def test_an_export_of_today_without_its_decisions_is_damaged(filled, new_url, tmp_path):
    filled.export(tmp_path / "good.zip")
    with zipfile.ZipFile(tmp_path / "good.zip") as old, zipfile.ZipFile(tmp_path / "cut.zip", "w") as new:
        for name in set(old.namelist()) - {"decisions.csv"}:
            new.writestr(name, old.read(name))
    with pytest.raises(InputError, match="is no whole export of a ledger"):
        open_ledger(new_url("sqlite"), create=True).load(tmp_path / "cut.zip")
