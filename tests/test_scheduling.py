"""The examples of docs/scheduling.md: they are read by what would read them, and their command is one we have."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from estimation.cli import command as cli
from estimation.publishing import runner
from estimation.publishing.notebooks import list_notebooks
from estimation.publishing.runner import RunResult

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "scheduling.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, flags=re.DOTALL)
FIELDS = {"minute": (0, 59), "hour": (0, 23), "day": (1, 31), "month": (1, 12), "weekday": (0, 7)}


def blocks(kind: str) -> list[str]:
    return [text for name, text in BLOCKS if name == kind]


def commands() -> list[str]:
    """Every line that runs the report, from the word estimation to where a shell would end it."""
    lines = [line for line in PAGE.splitlines() if "estimation run quarterly" in line]
    return [re.sub(r" >> .*", "", line[line.index("estimation run") :]) for line in lines]


def check_times(five: str) -> None:
    for field, (low, high) in zip(five.split(), FIELDS.values(), strict=True):
        assert field == "*" or all(low <= int(number) <= high for number in field.split(","))


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """What the runner was asked for; no kernel starts."""
    calls = []

    def run_notebook(name, parameters, **options):
        calls.append((name, parameters))
        return RunResult(name, tmp_path, tmp_path / "report.html", tmp_path / "n.ipynb", {})

    monkeypatch.setattr(runner, "run_notebook", run_notebook)
    return calls


def test_every_command_of_the_page_is_one_that_the_toolkit_takes(asked):
    known = {p.name for n in list_notebooks() if n.short == "quarterly" for p in n.parameters}
    assert len(commands()) == 4
    for command in commands():
        assert cli.main(shlex.split(command.replace('"$QUARTER"', "last"))[1:]) == 0
    for name, parameters in asked:
        assert name == "quarterly"
        assert set(parameters) <= known
        assert re.fullmatch(r"20\d\dQ[1-4]", parameters["quarter"])


def test_the_line_for_cron_has_five_times_and_a_command():
    (text,) = blocks("cron")
    (line,) = text.splitlines()
    *times, command = line.split(maxsplit=5)
    check_times(" ".join(times))
    assert "%" not in command
    assert subprocess.run(["sh", "-n", "-c", command], check=False).returncode == 0


def test_the_workflow_is_yaml_with_the_same_times_and_pinned_steps():
    (text,) = blocks("yaml")
    workflow = yaml.safe_load(text)
    triggers = workflow[True]  # YAML reads the key "on" as a flag, and so does GitHub
    check_times(triggers["schedule"][0]["cron"])
    (job,) = workflow["jobs"].values()
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"]) for step in job["steps"] if "uses" in step)
    assert sum("run quarterly" in step.get("run", "") for step in job["steps"]) == 1
    assert workflow["permissions"] == {"contents": "read"}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on this machine")
def test_systemd_reads_the_units_and_knows_the_next_time(tmp_path):
    service, timer = blocks("ini")
    program = tmp_path / "estimation"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    paths = [tmp_path / f"estimation-quarterly.{kind}" for kind in ("service", "timer")]
    service = service.replace("/opt/estimation/.venv/bin/estimation", str(program)).replace(
        "User=estimation\n", ""
    )
    paths[0].write_text(service)
    paths[1].write_text(timer)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "estimation-quarterly" in line]
    assert ours == []
    (when,) = re.findall(r"OnCalendar=(.*)", timer)
    told = subprocess.run(
        ["systemd-analyze", "calendar", "--base-time=2026-09-30", "--iterations=2", when],
        capture_output=True,
        text=True,
        check=False,
        env={"TZ": "UTC", "PATH": "/usr/bin:/bin", "LC_ALL": "C"},
    )
    assert told.returncode == 0, told.stderr
    assert "2026-10-05 06:30:00" in told.stdout
    assert "2027-01-05 06:30:00" in told.stdout
