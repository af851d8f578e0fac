"""Working days, holidays and the weeks of teams: two dates into working days and back."""
