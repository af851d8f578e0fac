"""What every test relies on: the same examples in every run, and how to look at others.

A property is tried on the same few examples in every run, so that a test turns red because of a change and not by
chance. ``EXAMPLES=20 pytest tests/project`` looks at twenty times as many new ones; what fails then prints the example
and the line that brings it back.
"""

import how_often
from hypothesis import settings

settings.register_profile("the same", derandomize=True, database=None, deadline=None, print_blob=True)
settings.register_profile("new ones", database=None, deadline=None, print_blob=True)
settings.load_profile("new ones" if how_often.ASKED else "the same")
