import numpy as np
import pandas as pd
from tables_by_hand import overruns

from estimation.calibration.observations import Evidence
from estimation.calibration.shape_choice import UNDECIDED_WEIGHT, choose_hierarchy_weight


def skewed(n_projects: int) -> pd.DataFrame:
    """Residuals of a shape that no t distribution has: most small, a long tail to one side."""
    rng = np.random.default_rng(4)
    return overruns({"work": list(np.exp(0.3 * (rng.exponential(size=n_projects) ** 1.5 - 1)))})


def test_a_skewed_reference_class_is_preferred_to_the_symmetric_hierarchy():
    assert choose_hierarchy_weight(Evidence.of(skewed(300))) <= 0.25


def test_too_few_projects_cannot_choose_the_weight():
    assert choose_hierarchy_weight(Evidence.of(skewed(14))) == UNDECIDED_WEIGHT


def test_the_last_projects_cannot_change_how_the_first_were_forecast():
    # The order in which projects closed decides, not the order of the rows.
    table = skewed(60)
    assert choose_hierarchy_weight(Evidence.of(table)) == choose_hierarchy_weight(
        Evidence.of(table.sample(frac=1, random_state=1))
    )
