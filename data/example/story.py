"""The project that tells the story: an NLP pipeline planned and promised in five weeks, took eight.

Worked out by hand; days are working days of the project, week w is days 5w-4 to 5w.

    milestone                         planned     actual     own days
    1.1 data access                    1- 2        1- 2       2
    1.2 data quality assessment        3- 4        3- 4       2
    1.3 approach, 1.4 plan             5           5          1 each, side by side
    2.1 pipeline                       6- 7        6- 7       2
    4.1 infrastructure                 6-10        6-10       5, beside the data work
    2.2 training dataset               8-10        8-15       3 -> 8   five over, plain in week three
    3.1 baseline model                 8- 9        8- 9       2, on a first extract
    2.3 data quality                  11          16          1
    3.2 target performance            12-13       17-18       2
    3.3 evaluation report             14-15       19-25       2 -> 7   one more iteration, in week five
    3.4 approval                      16          26          1
    5.2 documentation                 16-18       26-28       3, beside the deployment
    4.2 staging                       17-20       27-35       4 -> 9   infrastructure does not fit, in week seven
    4.3 production                    21-22       36-37       2
    4.4 monitoring                    23          38          1
    5.1 validation, 5.3 transfer      23-24       38-39       2 each, side by side
    5.4 acceptance                    25          40          1
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from course import CALENDAR, run, weekly_status, with_actuals

from estimation.project.decisions import DECISIONS as DECISION_COLUMNS
from estimation.project.framework import Framework
from estimation.project.new_plan import new_plan

PROJECT = "nlp-claims"
CLIENT = "Client B (financial services)"
START = "2026-02-02"
PROMISED = "2026-03-10"  # two working days after the plan ends

# milestone: planned own days, what it waits for
PLAN = {
    "1.1": (2, ""),
    "1.2": (2, "1.1"),
    "1.3": (1, "1.2"),
    "1.4": (1, "1.2"),
    "2.1": (2, "1.3"),
    "2.2": (3, "1.4; 2.1"),
    "2.3": (1, "2.2"),
    "3.1": (2, "2.1"),
    "3.2": (2, "2.3; 3.1"),
    "3.3": (2, "3.2"),
    "3.4": (1, "3.3"),
    "4.1": (5, "1.4"),
    "4.2": (4, "3.4; 4.1"),
    "4.3": (2, "4.2"),
    "4.4": (1, "4.3"),
    "5.1": (2, "4.3"),
    "5.2": (3, "3.3"),
    "5.3": (2, "4.3; 5.2"),
    "5.4": (1, "4.4; 5.1; 5.3"),
}
# milestone: days over, cause, note
MISSES = {
    "2.2": (
        5,
        "data_quality",
        "Scanned letters came with two layouts nobody had mentioned, and a fifth of the labels contradicted each "
        "other; cleaning and labelling them again took five days more.",
    ),
    "3.3": (
        5,
        "extra_iteration",
        "The evaluation found that long letters were misread; one more training iteration, planned by nobody, "
        "took five days.",
    ),
    "4.2": (
        5,
        "infrastructure",
        "The client's container platform was two versions older than the one the service was built for; the "
        "dummy model of milestone 4.1 had not shown it. Rebuilding took five days.",
    ),
}
# milestone: iterations planned, iterations it took
ITERATIONS = {"3.2": (2, 2), "3.3": (1, 2)}

FRIDAYS = [f"{friday:%Y-%m-%d}" for friday in pd.date_range(START, periods=8, freq="W-FRI")]
COLOURS = [*["green"] * 6, "yellow", "red"]
REASONS = {
    7: "Staging and service did not fit together; the service was rebuilt for the older platform.",
    8: "The days lost in staging could not be made up for.",
}
# What the sponsor asked for afterwards: week, milestone: why its date moved, as the client would have been told.
TOLD = {
    (
        2,
        "2.2",
    ): "Scanned letters came in two layouts that the samples had not shown; reading them takes a day more.",
    (3, "2.2"): "A fifth of the labels contradicted each other; these letters had to be labelled again.",
    (4, "3.2"): "The two days that were planned are needed; the report before had hoped for one.",
    (
        4,
        "3.3",
    ): "Long letters are misread, so the model needs one more round of training that nobody had planned.",
    (4, "3.4"): "The approval waits for the extra round of training.",
    (4, "5.2"): "The documentation waits for the evaluation of the extra round.",
    (
        5,
        "3.3",
    ): "The extra round of training took five days in all; long letters are now read as well as short ones.",
    (
        6,
        "4.2",
    ): "The container platform is two versions older than the service needs; the service has to be rebuilt.",
    (6, "4.4"): "Monitoring takes the day that was planned; the report before had hoped for half of it.",
    (6, "5.2"): "Describing the extra round took a day more.",
    **{(7, each): REASONS[7] for each in ("4.2", "4.3", "4.4", "5.1", "5.3", "5.4")},
    **{(8, each): REASONS[8] for each in ("4.3", "4.4", "5.1", "5.3", "5.4")},
}
# What the client would have been asked for.
ASKED = {"3.2": "Two of your claims experts for two days, to judge long letters while the model is trained"}
# Week from which on it was in place, milestone: what is done about the delay, and until when.
RECOVERY = {
    (3, "2.2"): (
        "The labels are clean now. With two of your claims experts judging long letters while the model is trained, up "
        "to three of the five days can be won back.",
        "2026-02-27",
    ),
    (5, "2.2"): ("The days could not be won back: the extra round of training came in between.", None),
    (5, "3.3"): (
        "The round is done. Documentation is written beside the deployment, and the staging slot is booked for "
        "Tuesday, so that no further day is lost.",
        "2026-03-10",
    ),
}


# What variance reviews decided: project, action, owner, due, decided on, done on, note.
DECISIONS = (
    (
        "complaint-themes",
        "Ask for a sample with every field before the data work is estimated",
        "Data lead",
        "2026-01-30",
        "2025-11-24",
        "2026-02-20",
        "Late: claims letters had been estimated by then.",
    ),
    (
        "complaint-themes",
        "Name the user groups in the plan before it is approved",
        "Delivery lead",
        "2026-02-27",
        "2025-11-24",
        None,
        None,
    ),
    (
        PROJECT,
        "Ask for a sample of every layout before the data work is estimated",
        "Data lead",
        "2026-04-30",
        "2026-03-31",
        "2026-04-24",
        None,
    ),
    (
        PROJECT,
        "Plan one round of training more where scanned text is read",
        "Machine learning lead",
        "2026-08-31",
        "2026-03-31",
        None,
        None,
    ),
    (
        PROJECT,
        "Run the dummy model on the client's own platform, not on ours",
        "Platform engineer",
        "2026-10-30",
        "2026-03-31",
        "2026-10-21",
        None,
    ),
)


def decided() -> pd.DataFrame:
    """Write what the variance reviews of the story and of a project before it decided."""
    return pd.DataFrame(DECISIONS, columns=list(DECISION_COLUMNS))


def told_story(framework: Framework) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write the plan and the same eight weeks, had the team said why dates moved and what it did about it.

    Dates, colours and confidence are those of the story; only reasons, the day on which the client was told, and
    recovery plans are added.
    """
    plan, (_, status) = story_plan(framework), story(framework)
    asked = plan["milestone"].map(ASKED)
    plan = plan.assign(waiting_on=asked.fillna(plan["waiting_on"]))
    rows = [(FRIDAYS.index(row.as_of) + 1, row.milestone) for row in status.itertuples()]
    reason = pd.Series([TOLD.get(row) for row in rows], dtype="str")
    since = [
        max((key for key in RECOVERY if key[1] == one and key[0] <= week), default=None) for week, one in rows
    ]
    said = [RECOVERY.get(key, (None, None)) for key in since]
    return plan, status.assign(
        reason=reason,
        told_client_on=status["as_of"].where(reason.notna()),
        recovery_plan=[plan for plan, _ in said],
        recovery_finish=[finish for _, finish in said],
    )


def story_plan(framework: Framework) -> pd.DataFrame:
    """Write the plan of the story: the framework's milestones with the days and the order above."""
    milestones = tuple(
        replace(
            each,
            typical_days=PLAN[each.id][0],
            depends_on=PLAN[each.id][1],
            iterations_planned=ITERATIONS.get(each.id, (None,))[0],
        )
        for each in framework.milestones
    )
    plan = new_plan(
        replace(framework, milestones=milestones),
        project=PROJECT,
        start=START,
        project_name="Claims letters NLP pipeline",
        client=CLIENT,
    )
    promised = plan["baseline_finish"].mask(plan["milestone"] == "5.4", pd.Timestamp(PROMISED))
    return plan.assign(team="Team Green", promised_finish=promised.where(plan["milestone"] == "5.4"))


def story(framework: Framework) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write the closed project's history rows and its weekly status table."""
    plan = story_plan(framework)
    days = {each: planned + MISSES.get(each, (0,))[0] for each, (planned, _) in PLAN.items()}
    course = run(
        {each: text for each, (_, text) in PLAN.items()},
        days,
        first_morning=float(CALENDAR.mornings([START])[0]),
    )
    ids = plan["milestone"]
    history = with_actuals(plan, course).assign(
        iterations_actual=ids.map({each: took for each, (_, took) in ITERATIONS.items()}),
        cause=ids.map({each: cause for each, (_, cause, _) in MISSES.items()}),
        cause_note=ids.map({each: note for each, (_, _, note) in MISSES.items()}),
        closed_as="delivered",
    )
    return history, weekly_status(plan, course, FRIDAYS, COLOURS, optimism=0.5, reasons=REASONS)
