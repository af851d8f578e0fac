from estimation.project.amounts import chance


def test_a_chance_is_never_certain_and_never_nothing():
    assert [chance(p) for p in (0.0, 0.049, 0.05, 0.5, 0.95, 0.951, 1.0)] == [
        "<5 %", "<5 %", "5 %", "50 %", "95 %", ">95 %", ">95 %",
    ]  # fmt: skip
