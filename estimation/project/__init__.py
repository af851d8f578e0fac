"""One project: its plan, what follows from what, and where it stands on a day."""
