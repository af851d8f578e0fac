"""From a plan and a model to simulated courses and the dates they give."""
