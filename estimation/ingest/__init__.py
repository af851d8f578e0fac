"""The one gate through which files that people wrote become validated tables."""
