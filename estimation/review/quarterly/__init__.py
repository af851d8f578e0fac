"""The quarterly estimation report: are estimates getting better, did the dates hold, what to plan differently."""
