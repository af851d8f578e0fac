"""What a history teaches a forecast: the fits, and the choice between them by what forecast better."""
