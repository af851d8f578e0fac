"""A plan: milestones, dependencies, calendar; its schedule; a new one from a framework."""
