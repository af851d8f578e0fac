"""A framework: the phases and milestone templates that every plan of one kind of project starts from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from estimation.errors import InputError, did_you_mean
from estimation.project.links import Dependency, parse_dependencies, prepared_work


@dataclass(frozen=True)
class Phase:
    """A stretch of work that can be compared across projects."""

    id: str
    name: str
    description: str = ""


@dataclass(frozen=True)
class MilestoneTemplate:
    """What a milestone usually is: its result, its owner, its place in the order, its length.

    Parameters
    ----------
    id, phase, name : str
        Id within the framework, id of the phase, the verifiable result.
    typical_days : float
        Own duration in a project of medium size. [working days]
    done_means : str
        Acceptance criteria with ``____`` where a project fills in its own number.
    client_summary : str
        What the milestone means to the client, in plain words.
    owner_role : str
        Who usually answers for it.
    depends_on : str
        Predecessors, such as ``"2.1; 2.2FS+3d"``.
    waiting_on : str
        Who outside the team usually has to act; empty when nobody has.
    iterations_planned : int or None
        Experiment cycles to plan, where there are any.
    """

    id: str
    phase: str
    name: str
    typical_days: float
    done_means: str = ""
    client_summary: str = ""
    owner_role: str = ""
    depends_on: str = ""
    waiting_on: str = ""
    iterations_planned: int | None = None


@dataclass(frozen=True)
class IntegrationTemplate:
    """What a milestone for one other system to be connected usually is; ``{name}`` stands for the system.

    Parameters
    ----------
    follows : str
        Id of the milestone after which it can begin, whose phase it shares and whose id its own ids extend.
    needed_by : str
        Id of the milestone that waits for it.
    name : str
        The verifiable result, such as ``"Integration with {name} verified"``.
    typical_days : float
        Own duration in a project of medium size. [working days]
    done_means, client_summary, owner_role, waiting_on : str
        As in ``MilestoneTemplate``.
    """

    follows: str
    needed_by: str
    name: str
    typical_days: float
    done_means: str = ""
    client_summary: str = ""
    owner_role: str = ""
    waiting_on: str = ""


@dataclass(frozen=True)
class Framework:
    """Phases and milestone templates that fit together.

    Parameters
    ----------
    id, name, description : str
        Short id (its file's name), display name, what kind of project it is for.
    phases : tuple of Phase
        In the order in which they usually start.
    milestones : tuple of MilestoneTemplate
        In the order in which people read them.
    integration : IntegrationTemplate, optional
        What a milestone for another system looks like.

    Raises
    ------
    InputError
        If an id comes twice, a milestone names an unknown phase or predecessor, a length or a number of
        iterations is not above zero, or the dependencies go round in a circle.

    Examples
    --------
    >>> phase = Phase("build", "Build")
    >>> draft = MilestoneTemplate("1", "build", "Draft written", typical_days=3)
    >>> final = MilestoneTemplate("2", "build", "Report delivered", typical_days=2, depends_on="1")
    >>> Framework("report", "Report", "", (phase,), (draft, final)).dependencies["2"]
    (Dependency(milestone='1', kind='FS', lag_days=0.0),)
    """

    id: str
    name: str
    description: str
    phases: tuple[Phase, ...]
    milestones: tuple[MilestoneTemplate, ...]
    integration: IntegrationTemplate | None = None

    def __post_init__(self) -> None:
        if not self.phases or not self.milestones:
            raise InputError(
                f"Framework '{self.id}' has {len(self.phases)} phases and {len(self.milestones)} milestones; "
                "wanted at least one of each. Add them."
            )
        self._refuse_repeats("phase", [phase.id for phase in self.phases])
        self._refuse_repeats("milestone", [milestone.id for milestone in self.milestones])
        for milestone in self.milestones:
            self._check_milestone(milestone)
        if self.integration is not None:
            self._check_integration(self.integration)
        try:
            prepared_work([milestone.id for milestone in self.milestones], self.dependencies)
        except InputError as error:
            raise InputError(f"Framework '{self.id}': {error}") from None

    @cached_property
    def dependencies(self) -> dict[str, tuple[Dependency, ...]]:
        """The links of each milestone to its predecessors, by id."""
        return {milestone.id: parse_dependencies(milestone.depends_on) for milestone in self.milestones}

    def with_integrations(self, names: Sequence[str]) -> Framework:
        """Add a milestone for each system that has to be connected, each named once."""
        if not names:
            return self
        tidy = [" ".join(name.split()) for name in names]
        folded = [name.casefold() for name in tidy]
        wrong = next((name for name in tidy if not name or folded.count(name.casefold()) > 1), None)
        if wrong is not None:
            found = f"the integration '{wrong}' comes twice" if wrong else "an integration has no name"
            raise InputError(
                f"Of the systems to connect {found}; wanted each name once, such as SAP. Correct it."
            )
        if self.integration is None:
            raise InputError(
                f"Framework '{self.id}' does not say what a milestone for an integration looks like; wanted a group "
                "'integration:'. Add it, or leave --integration out."
            )
        template = self.integration
        at = [each.id for each in self.milestones].index(template.follows)
        added = tuple(self._integration(template, n, name) for n, name in enumerate(tidy, start=1))
        kept = tuple(
            replace(each, depends_on="; ".join(filter(None, [each.depends_on, *(one.id for one in added)])))
            if each.id == template.needed_by
            else each
            for each in self.milestones
        )
        return replace(self, milestones=(*kept[: at + 1], *added, *kept[at + 1 :]))

    def _integration(self, template: IntegrationTemplate, n: int, name: str) -> MilestoneTemplate:
        texts = {
            text: getattr(template, text).replace("{name}", name)
            for text in ("name", "done_means", "client_summary", "owner_role", "waiting_on")
        }
        return MilestoneTemplate(
            id=f"{template.follows}.{n}",
            phase=next(each.phase for each in self.milestones if each.id == template.follows),
            typical_days=template.typical_days,
            depends_on=template.follows,
            **texts,
        )

    def _check_integration(self, template: IntegrationTemplate) -> None:
        ids = [milestone.id for milestone in self.milestones]
        for key in ("follows", "needed_by"):
            if getattr(template, key) not in ids:
                raise InputError(
                    f"Framework '{self.id}', integration: {key} '{getattr(template, key)}' is no milestone. "
                    + did_you_mean(getattr(template, key), ids, f"Use one of {', '.join(ids)}.")
                )
        if "{name}" not in template.name:
            raise InputError(
                f"Framework '{self.id}', integration: the name '{template.name}' has no place for the system; wanted "
                "{name} in it. Write for example 'Integration with {name} verified'."
            )

    def _refuse_repeats(self, noun: str, ids: list[str]) -> None:
        repeated = sorted({each for each in ids if ids.count(each) > 1})
        if repeated:
            raise InputError(
                f"Framework '{self.id}': {noun} id '{repeated[0]}' comes {ids.count(repeated[0])} times; wanted "
                "each id once. Rename all but one."
            )

    def _check_milestone(self, milestone: MilestoneTemplate) -> None:
        place = f"Framework '{self.id}', milestone '{milestone.id}'"
        phases = [phase.id for phase in self.phases]
        if milestone.phase not in phases:
            raise InputError(
                f"{place}: phase '{milestone.phase}' is not one of {', '.join(phases)}. "
                + did_you_mean(milestone.phase, phases, "Use one of these, or add the phase.")
            )
        if not (math.isfinite(milestone.typical_days) and milestone.typical_days > 0):
            raise InputError(
                f"{place}: typical_days is {milestone.typical_days:g}; wanted working days above zero. "
                "Write how long the work usually takes in a project of medium size."
            )
        if milestone.iterations_planned is not None and milestone.iterations_planned < 1:
            raise InputError(
                f"{place}: iterations_planned is {milestone.iterations_planned}; wanted a whole number from 1. "
                "Leave it out where no experiments are planned."
            )
        try:
            parse_dependencies(milestone.depends_on)
        except InputError as error:
            raise InputError(f"{place}: {error}") from None
