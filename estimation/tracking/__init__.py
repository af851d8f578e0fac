"""What happened against what was planned."""
