"""Closed projects and quarters looked back on: where the days went, what was foreseeable, what to plan differently."""
