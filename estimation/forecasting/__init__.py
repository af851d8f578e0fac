"""From a plan and a model to simulated iterations and the dates they give."""
