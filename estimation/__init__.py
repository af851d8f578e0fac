"""Learn from closed projects how long the next one will really take.

The way of the data: ``read_history`` -> ``overrun_table`` -> ``fit_overruns`` -> ``multiplier_table``, then
``read_plan`` and a model -> ``simulate`` -> ``forecast_table``. The public names stand in ``__init__.pyi`` and are
loaded when they are first used, so that the command answers at once.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
