"""How many examples a property is tried on."""

import os

from hypothesis import settings

ASKED = os.environ.get("EXAMPLES", "")
"""How many times as many examples as usual, new ones in every run; empty: the usual ones."""


def examples(number: int, **more: object) -> settings:
    """So many examples, or that many times more where they were asked for."""
    return settings(max_examples=number * int(ASKED or 1), **more)
