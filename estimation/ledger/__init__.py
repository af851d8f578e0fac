"""The ledger: what was promised, when it moved and why, in a database to which rows are only ever added."""
