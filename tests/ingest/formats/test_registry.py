"""The registry: one record per format; what is peculiar to a format, its record says."""

import re
from pathlib import Path

import pytest

from estimation.errors import InputError
from estimation.ingest.formats.registry import FORMATS, READABLE, read_raw
from estimation.ingest.mapping import NO_MAPPING

INGEST = Path(__file__).parents[3] / "estimation" / "ingest"


def test_a_table_knows_the_format_it_was_read_from(tmp_path):
    path = tmp_path / "plan.csv"
    path.write_text("project,milestone\na,1\n", encoding="utf-8")
    assert read_raw(path, NO_MAPPING).form.name == "delimited text"
    path.write_text("Issue key,Issue Type,Issue id,Summary\nA-1,Epic,1,one\n", encoding="utf-8")
    assert read_raw(path, NO_MAPPING).form.name == "export of Jira"


def test_a_file_of_no_format_is_refused_with_those_there_are(tmp_path):
    path = tmp_path / "plan.docx"
    path.write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(", ".join(READABLE))):
        read_raw(path, NO_MAPPING)


def test_only_the_registry_knows_the_readers():
    names = {path.stem for path in (INGEST / "formats").glob("*.py")} - {"__init__", "registry", "excel"}
    readers = re.compile(rf"formats\.({'|'.join(sorted(names))})\b")
    assert {each.name for each in FORMATS if each.work_packages} == {"ProTrack workbook"}
    assert not [path.name for path in INGEST.glob("*.py") if readers.search(path.read_text(encoding="utf-8"))]
