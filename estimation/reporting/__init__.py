"""Charts, words, results on disk, the notebook runner, HTML."""
