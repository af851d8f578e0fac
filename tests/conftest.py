"""What every test relies on: the same examples in every run, and how to look at others.

A property is tried on the same few examples in every run, so that a test turns red because of a change and not by
chance. ``EXAMPLES=20 pytest tests/project`` looks at twenty times as many new ones; what fails then prints the example
and the line that brings it back.
"""

import datetime as dt

import how_often
import pytest
from hypothesis import settings

settings.register_profile("the same", derandomize=True, database=None, deadline=None, print_blob=True)
settings.register_profile(
    "new ones", max_examples=100 * int(how_often.ASKED or 1), database=None, deadline=None, print_blob=True
)
settings.load_profile("new ones" if how_often.ASKED else "the same")

WHO = {"made_by": "anna", "made_at": dt.datetime(2026, 11, 24, 9, 0)}


@pytest.fixture(scope="session", autouse=True)
def nobodys_own_settings(tmp_path_factory):
    """What somebody keeps at home for notebooks, or the ledger they use, is neither read nor written by a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        patch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path_factory.mktemp("jupyter")))
        patch.delenv("ESTIMATION_LEDGER", raising=False)
        yield


@pytest.fixture
def add():
    """Adds a table as a file of some name."""

    def add(ledger, table, file="plan.csv", **options):
        return ledger.add(table, file=file, file_hash="0" * 64, **{**WHO, **options})

    return add
