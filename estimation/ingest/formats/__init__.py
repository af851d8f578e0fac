"""The formats of files, one reader each, listed in one registry."""
