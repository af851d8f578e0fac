import pandas as pd

from estimation.pages.labels import with_labels


def test_a_milestone_is_labelled_by_its_id_and_name_and_the_whole_project_in_words():
    table = pd.DataFrame({"milestone": ["2.2", "x", "project"], "name": ["data ready", None, None]})
    assert with_labels(table)["label"].tolist() == ["2.2 data ready", "x", "Whole project"]
