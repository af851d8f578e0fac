"""Charts draw, they do not compute: tables in, an Axes out."""
