"""Learn from closed projects how long the next one will really take."""
