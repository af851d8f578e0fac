import estimation


def test_the_public_names_are_these_and_no_others():
    assert set(estimation.__all__) == {
        "OverrunModel",
        "Plan",
        "ProjectRecord",
        "Simulation",
        "backtest",
        "backtest_finishes",
        "calibrate",
        "calibrated_plan",
        "content_hash",
        "data_quality",
        "date_at",
        "finish_distribution",
        "fit_overruns",
        "fit_project_record",
        "forecast_table",
        "lint_plan",
        "load_model",
        "load_results",
        "multiplier_table",
        "open_ledger",
        "overrun_table",
        "read_history",
        "read_plan",
        "read_status",
        "save_model",
        "save_results",
        "simulate",
        "variance_table",
    }
    assert all(hasattr(estimation, name) for name in estimation.__all__)
