"""The command decide with a file: what it writes, prints and refuses, with which exit code."""

import json

import pytest

from estimation.cli import command as cli

NEW = ["decide", "p", "ask, first", "--owner", "anna", "--due", "2026-04-01", "--decided", "2026-03-02"]
HEADER = "project,action,owner,due,decided_on,done_on,note\n"
LINE = 'p,"ask, first",anna,2026-04-01,2026-03-02,,\n'


@pytest.fixture
def file(tmp_path):
    return tmp_path / "decisions.csv"


def test_a_file_is_made_and_the_same_words_twice_add_nothing(file, capsys):
    assert cli.main([*NEW, "--file", str(file)]) == 0
    assert capsys.readouterr().out == f"Decision of p: 1 row is new. {file}\n"
    assert cli.main([*NEW[:-2], "--file", str(file), "--json"]) == 0  # on another day
    assert json.loads(capsys.readouterr().out) == {"file": str(file), "n_new": 0}
    assert file.read_text() == HEADER + LINE


def test_a_line_is_added_and_those_that_are_there_stay(file):
    file.write_text(HEADER + LINE.rstrip())  # the last line without its end
    assert cli.main(["decide", "p", "ask, first", "--done", "2026-03-20", "--file", str(file)]) == 0
    assert file.read_text() == HEADER + LINE + LINE.replace("02,,", "02,2026-03-20,")


@pytest.mark.parametrize(
    ("words", "content", "code", "said"),
    [
        (["decide", "p", "ask", "--done", "2026-03-20"], HEADER + LINE, 3, "decided were 'ask, first'"),
        (["decide", "p", "ask"], None, 2, "'ask' of p is new; expected an owner and a due date"),
        (["decide", "p", "ask", "--due", "1 March"], None, 2, "--due is '1 March'; wanted a date such as"),
        (NEW, HEADER.replace(",", ";") + "p;ask;anna;2026-04-01;2026-03-02;;\n", 3, "with the columns project,action,"),
        (NEW, HEADER.replace(",note", ",note,colour") + LINE.strip() + ",red\n", 3, "with the columns project"),
        (NEW, "project,milestone\n1,2\n", 3, "decisions have project, action, owner, due, decided_on. Add the column."),
    ],
)  # fmt: skip
def test_what_cannot_be_added_is_refused_and_the_file_stays(file, capsys, words, content, code, said):
    if content is not None:
        file.write_text(content)
    assert cli.main([*words, "--file", str(file)]) == code
    assert said in capsys.readouterr().err
    assert (file.read_text() if file.exists() else None) == content


def test_a_workbook_is_not_written(tmp_path, capsys):
    assert cli.main([*NEW, "--file", str(tmp_path / "decisions.xlsx")]) == 3
    assert "name a new file that ends in .csv" in capsys.readouterr().err
