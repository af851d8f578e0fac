"""Is a plan worth forecasting, by itself and against closed projects."""
