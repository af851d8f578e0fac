import pandas as pd
import pytest
from tables_by_hand import by_hand

from estimation.learning.finish_choice import choose_finish_way
from estimation.scoring.backtest import BACKTEST
from estimation.scoring.finish_backtest import CHAINED, MATCHED


def finish_scores(chained, matched=0.2, projects=30):
    """One forecast per project and way; the loss of the chain may differ by project."""
    rows = [
        {"candidate": name, "project": f"p{k}", "crps": loss[k % len(loss)]}
        for name, loss in ((CHAINED, chained), (MATCHED, [matched]))
        for k in range(projects)
    ]
    return by_hand(pd.DataFrame(rows), BACKTEST)


@pytest.mark.parametrize(
    ("scores", "way"),
    [
        (finish_scores([0.1]), "chained"),  # half the loss on every project
        (finish_scores([0.3]), "record"),
        # Better on average (.19 against .20), but by turns .02 and .36: the interval of 30 projects spans zero.
        (finish_scores([0.02, 0.36]), "record"),
        (finish_scores([0.1], projects=19), "record"),  # too few to choose by
        (by_hand(pd.DataFrame(), BACKTEST), "record"),
    ],
)
def test_the_record_speaks_unless_chaining_was_closer_by_more_than_chance(scores, way):
    assert choose_finish_way(scores, seed=1) == way
