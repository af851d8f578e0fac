"""The rules about plans: what each is called, how grave it is, what it says, and whose rule it is.

Numbers under ``standard`` are the best practices of the GAO Schedule Assessment Guide (GAO-16-89G, 2015) and the
checks of the DCMA 14-point assessment; empty where the rule is our own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from estimation.findings import ERROR, NOTE, WARNING, Rule

_warning, _note = partial(Rule, WARNING), partial(Rule, NOTE)
# Own are rules whose findings have facts of their own, so that a reader is shown them one by one.
_own_warning, _own_note = partial(_warning, one_by_one=True), partial(_note, one_by_one=True)

SIZE: Mapping[str, Rule] = {
    "no-duration": Rule(
        ERROR,
        "No milestone of {label} takes any time: there is nothing that could take longer, so nothing to forecast.",
        "Fill in baseline_days, or baseline_start and baseline_finish.",
        "GAO 4",
    ),
    "longer-than-two-weeks": _own_warning(
        "{label} takes {days}. Work that is not looked at for more than two weeks is on plan until the "
        "week it is due.",
        "Split it at a result that can be shown after a week or two.",
        "GAO 4, DCMA 8",
    ),
    "too-few-milestones": _warning(
        "{label} has {n} in {weeks:.0f} weeks, fewer than one in two weeks. In between nobody can tell late from on "
        "time.",
        "Put a result that can be shown into every two weeks.",
        "GAO 1",
    ),
    "too-many-milestones": _warning(
        "{label} has {n} in {weeks:.0f} weeks, more than 2.5 a week. Keeping the plan up to date will "
        "cost more than it tells, or it will not be kept.",
        "Keep the results that a client or a decision waits for; make the rest a list of tasks.",
        "GAO 1",
    ),
    "single-data-milestone": _warning(
        "{phase} has the single milestone {label}. Data work overruns most and is looked at last: with one milestone "
        "the first sign of trouble is the missed date.",
        "Split it: data loaded, a first sample cleaned and labelled, the whole set ready, quality measured.",
        "GAO 1",
    ),
    "target-without-steps": _warning(
        "{label} is the only reading of the model's quality. The last points take as long as all before them, "
        "and without a reading on the way nobody sees that they are still missing.",
        "Add a milestone for a first, simple model, and one for the accuracy halfway: 'Model finds seven of ten'.",
    ),
    "integration-without-milestone": _own_warning(
        "{label} speaks of {system}, and no milestone is about connecting it alone. Each system has its own owner, "
        "access and surprises, and they show on the first call.",
        "Add a milestone such as 'Integration with {system} verified', early (new-plan --integration writes one).",
        "GAO 1",
    ),
}

TEXT: Mapping[str, Rule] = {
    "no-owner": _warning(
        "{label} has no owner. What nobody answers for, nobody warns about.",
        "Name the one person who will say early that it slips.",
        "GAO 3, DCMA 10",
    ),
    "several-owners": _own_warning(
        "{label} belongs to '{owner}'. Where several answer for a milestone, each relies on the others to warn.",
        "Name the one who answers for it, and the others under notes.",
    ),
    "no-acceptance-criteria": _warning(
        "{label} has no acceptance criteria. It will be 'almost done' for weeks, and the argument about whether it is "
        "done comes on the last day.",
        "Write what will be shown to whom, and which number is good enough.",
    ),
    "blanks-left": _warning(
        "{label} still has a blank in its acceptance criteria: '{piece}'. The number is cheap to agree on now and dear "
        "at the acceptance.",
        "Fill it in, or take the sentence out.",
    ),
    "vague-criteria": _own_warning(
        "{label} counts as done when: '{piece}'. Two people will read that in two ways.",
        "Write something that can be counted or shown, and the number that is good enough.",
    ),
    "status-name": _own_warning(
        "{label} is {kind}: it is as true in the first week as in the last, so nobody can tell when it is done.",
        "Say what will be true: '{example}'.",
    ),
    "no-client-meaning": _warning(
        "{label} does not say what it means to the client. A client who does not know what waits for an answer "
        "gives it late.",
        "Write under client_summary, in one plain sentence, what the client has or can decide then.",
    ),
    "waiting-unnamed": _own_warning(
        "{label} waits for '{who}', which is nobody in particular. Nobody in particular is hard to remind.",
        "Name the person or the role, for what, and by when.",
    ),
    "waiting-not-recorded": _own_warning(
        "{label} says '{piece}', and nobody stands under waiting_on. Days of waiting that nobody planned will be "
        "reported as ours.",
        "Write under waiting_on who outside has to act, for what, and by when.",
    ),
}

LOGIC: Mapping[str, Rule] = {
    "no-logic": _warning(
        "No milestone of {label} says what it waits for, so the forecast takes them one after another. A delay cannot "
        "be followed to the finish through a plan that is a list.",
        "Fill in depends_on: which results each milestone really needs, such as '2.1; 2.2FS+3d'.",
        "GAO 2, DCMA 1",
    ),
    "missing-predecessor": _warning(
        "{label} starts after the project and waits for nothing. Whatever it really needs can slip without moving it, "
        "and its date will look safe until the day it starts.",
        "Name under depends_on what has to be there before.",
        "GAO 2, DCMA 1",
    ),
    "missing-successor": _warning(
        "Nothing waits for {label}, though it is not the end of the project. It can be as late as it likes without "
        "moving the finish.",
        "Name it under depends_on of what needs it, at the latest the acceptance; if nothing does, drop it.",
        "GAO 2, DCMA 1",
    ),
    "dangling-start": _warning(
        "Only the finish of {label} is tied to anything ({links}); its start is free. When predecessors slip, its "
        "work looks as if it could begin all the same.",
        "Add what its start waits for (FS or SS).",
        "GAO 2",
    ),
    "dangling-finish": _warning(
        "Others wait for the start of {label} only, nothing for its finish. It can run on for ever without moving "
        "anything.",
        "Add what needs its result (FS or FF).",
        "GAO 2",
    ),
    "lead": _own_warning(
        "{label} starts before what it waits for is done ({links}). A lead counts back from a finish that nobody knows "
        "yet.",
        "Split the predecessor at the result that is really needed, and wait for that.",
        "GAO 2, DCMA 2",
    ),
    "dates-against-logic": _own_warning(
        "{label} is planned {days} before what it waits for allows. The forecast follows the logic, so "
        "the planned date is missed before anything has gone wrong.",
        "Move the date, or correct depends_on.",
        "GAO 7, DCMA 7",
    ),
    "negative-float": _own_warning(
        "{label} is promised for {promised} and planned for {planned}: it is {days} late on "
        "paper, before anything has gone wrong.",
        "Take work out, begin earlier, or promise another date while that is still a conversation.",
        "GAO 7, DCMA 7",
    ),
    "hard-constraint": _own_note(
        "{label} has a date set from outside ({dates}). Work that is early will wait for it, and a forecast cannot "
        "show what the logic alone would give.",
        "Keep it if a hearing, a fair or a release window sets it, and write that under notes; else let the logic set "
        "the date.",
        "GAO 2, DCMA 5",
    ),
    "long-lag": _own_note(
        "{label} waits more than a week for nothing that the plan names ({links}). Work or waiting inside a lag has no "
        "owner.",
        "Make it a milestone with an owner, or say under waiting_on who is waited for.",
        "GAO 2, DCMA 3",
    ),
    "few-finish-to-start": _note(
        "Of {n:,} links of {label}, {other:,} are not from a finish to a start, more than one in ten. Such links are "
        "often misread, and overlap hides how late work really is.",
        "Split milestones where others begin early, and link finish to start.",
        "GAO 2, DCMA 4",
    ),
}

FRAMEWORK: Mapping[str, Rule] = {
    "missing-phase": _own_warning(
        "The plan has no milestone of the phase {phase}. {meaning}",
        "Add its milestones ({milestones}), or say under notes who does that work.",
        "GAO 1",
    ),
    "missing-milestone": _note(
        "The plan has nothing like {label} of the framework. {meaning}",
        "Add it, or make it part of another milestone's acceptance criteria.",
        "GAO 1",
    ),
}

HISTORY: Mapping[str, Rule] = {
    "below-history": _own_warning(
        "{label} is planned at {days}. {others} eight in ten took {p20:g} days or more, and half {p50:g} or more; "
        "scaled to a plan of this size, {scaled_p20:.1f} and {scaled_p50:.1f}.",
        "Ask its owner what is easier this time; without an answer plan {suggested}.",
        "GAO 4",
    ),
    "short-all-over": _warning(
        "{below} of {n} estimates of {label} are shorter than eight in ten such milestones were. It adds up to "
        "{total:g} days of work; the middle one of {n_projects} closed projects took {median:g}. Either this project "
        "is unusually small, or it is hopeful all over.",
        "Say under notes what makes it smaller; else plan with the durations of those before it.",
        "GAO 4",
    ),
    "multiplied-already": _note(
        "{n} durations of {label} are no whole or half days, but whole or half days times the model's {level} "
        "multipliers: {first} has {days:g}, which is {guessed:g} times {factor:.2f}. The plan looks multiplied "
        "already, and a forecast multiplies it again.",
        "Write what the team said under estimate_days, or the factor under factor_used: the forecast then starts from "
        "the estimates.",
    ),
    "few-iterations": _own_warning(
        "{phase} is planned with {planned:g} experiment cycles. Of {n_projects} closed projects eight in ten needed "
        "{p20:g} or more, half {p50:g} or more. One more training iteration, planned by nobody, is the usual surprise.",
        "Plan {p50:.0f}, or say which result makes the rest unnecessary.",
        "GAO 4",
    ),
    "promise-unlikely": _warning(
        "{label} is promised for {date}, which holds {chance} ({basis}).",
        "Promise a later date now, or agree what is left out when it gets tight.",
        "GAO 8",
    ),
    "promise-uncertain": _note(
        "{label} is promised for {date}, which holds {chance} ({basis}). A promise should hold eight "
        "times in ten.",
        "Promise the P80 date of the forecast.",
        "GAO 8",
    ),
    "planned-finish-unlikely": _note(
        "{label} promises no date for its end; the planned {date} holds {chance} ({basis}).",
        "Do not let the planned finish become the promise: write the P80 date of the forecast under promised_finish.",
        "GAO 8",
    ),
    "phase-others-had": _own_warning(
        "{n} of {n_projects} closed projects had a phase {phase}, with a middle of {median:g} days of work, and this "
        "plan has none.",
        "Add it, or say under notes why it falls away. If it has another name here, use the same.",
        "GAO 1",
    ),
    "usual-cause": _own_note(
        "{phase}: of {n_projects} closed projects {causes}. No milestone of the phase plans for that.",
        "Write the likelier one as risk_prob and risk_days on the milestone it would hit, with what is done about it.",
        "GAO 8",
    ),
}

RULES: Mapping[str, Rule] = {**HISTORY, **SIZE, **LOGIC, **FRAMEWORK, **TEXT}
"""Every rule by its id, in the order in which a report lists them: what rests on evidence first."""
