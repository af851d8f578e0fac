"""From history to overruns, from overruns to a model, from a model to multipliers."""
