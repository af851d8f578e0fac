"""Reading a plan like a good delivery lead would, before the first simulation: what makes it worth forecasting."""
