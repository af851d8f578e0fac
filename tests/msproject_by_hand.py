"""MS Project XML written by hand in the layout of its published schema (MSPDI), for tests."""

from xml.sax.saxutils import escape

NAMESPACE = "http://schemas.microsoft.com/project"
LINKS = {"FF": 0, "FS": 1, "SF": 2, "SS": 3}
WEEK = "".join(
    f"<WeekDay><DayType>{day}</DayType><DayWorking>{int(2 <= day <= 6)}</DayWorking></WeekDay>"
    for day in range(1, 8)
)


def fields(**values):
    """Elements in the order given; nothing for None."""
    return "".join(f"<{tag}>{escape(str(text))}</{tag}>" for tag, text in values.items() if text is not None)


def baseline(number, start, finish, hours, **more):
    span = {"Start": f"{start}T08:00:00", "Finish": f"{finish}T17:00:00", "Duration": f"PT{hours}H0M0S"}
    return f"<Baseline>{fields(Number=number, Interim=0, **span | {'DurationFormat': 7} | more)}</Baseline>"


def link(uid, kind="FS", lag=0, form=7):
    return (
        f"<PredecessorLink>{fields(PredecessorUID=uid, Type=LINKS[kind], CrossProject=0, LinkLag=lag)}"
        f"{fields(LagFormat=form)}</PredecessorLink>"
    )


def task(uid, name, level=1, *, summary=0, inner="", **more):
    known = {"UID": uid, "ID": uid, "Name": name, "IsNull": 0, "OutlineLevel": level, "Summary": summary}
    return f"<Task>{fields(**known | more)}{inner}</Task>"


def project(*tasks, exceptions="", resources="", assignments="", doctype="", **more):
    known = {
        "Name": "atlas.mpp",
        "Title": "Atlas",
        "StartDate": "2026-03-02T08:00:00",
        "CalendarUID": 1,
        "DefaultStartTime": "08:00:00",
        "MinutesPerDay": 480,
    }
    calendar = (
        f"<Calendar><UID>1</UID><Name>Standard</Name><IsBaseCalendar>1</IsBaseCalendar>"
        f"<BaseCalendarUID>-1</BaseCalendarUID><WeekDays>{WEEK}</WeekDays>"
        f"<Exceptions>{exceptions}</Exceptions></Calendar>"
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{doctype}<Project xmlns="{NAMESPACE}">'
        f"<SaveVersion>14</SaveVersion>{fields(**known | more)}<Calendars>{calendar}</Calendars>"
        f"<Tasks>{task(0, 'Atlas', 0, summary=1)}{''.join(tasks)}</Tasks>"
        f"<Resources>{resources}</Resources><Assignments>{assignments}</Assignments></Project>"
    )
