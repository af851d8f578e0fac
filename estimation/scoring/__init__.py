"""How good forecasts were: the rolling backtest and what it says."""
