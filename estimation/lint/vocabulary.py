"""The words by which a plan gives itself away: statuses, activities, blanks, several people, nobody, other systems.

English only. Each list errs on the side of silence: a plan that is told off for good names is not read again.
"""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PLACEHOLDERS = _words("tbd tba tbc n/a na none nobody open unknown todo x xx") | {"no one"}
_PLACEHOLDERS |= {f"to be {done}" for done in ("defined", "decided", "agreed", "confirmed", "named")}

# A name that ends in one of these says what people do; one that ends in "ready" or "approved" what will be true.
_ACTIVITIES = _words(
    "administration alignment analysis annotation assessment cleaning cleansing clean-up coding "
    "collection communication configuration construction coordination customisation customization deployment design "
    "development discovery documentation engineering evaluation experimentation experiments exploration "
    "finetuning fine-tuning implementation improvement improvements installation integration investigation "
    "iteration iterations labeling labelling maintenance management meetings migration modeling modelling monitoring "
    "optimisation optimization phase planning preparation processing programming prototyping refactoring "
    "refinement research rollout roll-out setup set-up sprint stage support testing tests training tuning "
    "validation verification work works workshops"
)
# "Model approved for deployment", "Site ready for installation" say what will be true.
_RESULTS = _words("complete done finds live meets met passes ready reaches runs sold won written")
_STATUS = re.compile(
    r"\b(?:in progress|on-?going|under ?way|work in progress|wip|pending|to be continued|being \w+ed"
    r"|(?:nearly|almost|partly|partially|mostly) \w+|\d+ ?% (?:done|completed?|finished|ready))(?!\w)"
    r"|\b(?:started|begun|begins|starts|continued|continues)$|^(?:work(?:ing)? on|start of|continue|begin)\b",
    re.IGNORECASE,
)
_NUMBERING = re.compile(r"(?:[\s#(-]+(?:\d+|[ivx]+|[a-z])|\d+)[\s).:]*$", re.IGNORECASE)

_EXAMPLES = {
    "integrat interfac connect api": "A claim entered in the test system shows its score within two seconds",
    "label annotat": "Two people who labelled the same 400 letters agree on nine of ten",
    "data clean etl": "12,000 records are cleaned, and at most one in a hundred lacks a field",
    "monitor": "An alert set off on purpose reaches a named person within ten minutes",
    "deploy rollout roll-out install release": "The new version answers real users, and going back was tried",
    "model train tun experiment accura": "Model finds nine of ten defects in last month's images",
    "test valid verif": "All 40 acceptance cases pass in the client's environment",
    "document": "Someone who did not write the manual set the system up from it in a day",
    "research discover analy explor assess design plan": "Sponsor has signed the approach and its target number",
}
_ANY_EXAMPLE = "Client has tried it on ten real cases and signed the result"

_BLANK = re.compile(
    r"_{2,}|\bTB[ADC]\b|\?{2,}|\bX{2,}\b|\bto be (?:defined|determined|agreed|decided|confirmed)\b",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"\b(?:satisfactor(?:y|ily)|satisfied|to \w+(?:'s)? satisfaction|as good as possible|good enough|good quality"
    r"|high quality|works? (?:well|fine|properly|correctly)|(?:if|where|as far as) possible|as (?:needed|required"
    r"|appropriate)|more or less|user[- ]friendly|fast enough|state[- ]of[- ]the[- ]art|and so on)\b",
    re.IGNORECASE,
)

_ROLES = _words(
    "lead leader head manager engineer developer architect scientist analyst owner tester designer consultant expert "
    "specialist officer director coordinator administrator admin sponsor master cto ceo cio cdo pm"
)
_CROWD = re.compile(
    r"(?:the )?(?:(?:whole |project |dev(?:elopment)? |data |delivery )?team|all|everyone|everybody|both|us|we|various"
    r"|several|joint(?:ly)?|shared)",
    re.IGNORECASE,
)
_BETWEEN_PEOPLE = re.compile(r"\s*[;\n+]\s*")
_MAYBE_BETWEEN = re.compile(r"\s*/\s*|\s+&\s+|\s+and\s+", re.IGNORECASE)

_NOBODY = _words(
    "a an the of from by on our their some any other others client clients client's customer customers customer's "
    "vendor vendors supplier suppliers provider partner partners third party parties external externals outside "
    "outsider stakeholder stakeholders someone somebody people person team teams them they it department departments "
    "company yes feedback input answer answers approval information"
)
_HEAD = re.compile(r"[,;:(]|\s+for\s+", re.IGNORECASE)
_OUTSIDER = r"(?:the )?(?:client|customer|vendor|supplier|third party)"
_WAITING = re.compile(
    r"\b(?:(?:waiting|waits?) (?:for|on) |awaiting )[^.;,]{2,40}"
    rf"|\bdepends on {_OUTSIDER}\b[^.;,]{{0,30}}"
    rf"|\b{_OUTSIDER} (?:must|has to|needs to|provides|delivers|sends|supplies|approves|signs)\b[^.;,]{{0,30}}",
    re.IGNORECASE,
)


def is_empty(text: object) -> bool:
    """Tell whether a cell says nothing, or only that something is still to come.

    >>> is_empty("tbd."), is_empty("Anna")
    (True, False)
    """
    if not isinstance(text, str):
        return True
    content = text.strip(" .-–—?!").casefold()
    return not content or content in _PLACEHOLDERS


def status_kind(name: str) -> str:
    """Say what a name is when it is no result; empty when it may be one.

    >>> status_kind("Model development in progress"), status_kind("Data cleaning 2"), status_kind("Data loaded")
    ('a status', 'an activity', '')
    """
    if _STATUS.search(name.strip()):
        return "a status"
    words = _NUMBERING.sub("", name.casefold()).split()
    if not words or words[-1].strip(".,:()") not in _ACTIVITIES:
        return ""
    return "" if any(word.endswith("ed") or word in _RESULTS for word in words) else "an activity"


def result_like(name: str) -> str:
    """Give an example of a result, near to what a name is about."""
    folded = name.casefold()
    near = (example for stems, example in _EXAMPLES.items() if any(stem in folded for stem in stems.split()))
    return next(near, _ANY_EXAMPLE)


def blank_in(text: str) -> str:
    """Cut out the words around the first blank of a text; empty when it has none.

    >>> blank_in("A sample of at least ____ records is labelled by two people and kept.")
    'sample of at least ____ records is labelled'
    """
    blank = _BLANK.search(text)
    if blank is None:
        return ""
    before, after = text[: blank.start()].split(" ")[-5:], text[blank.end() :].split(" ")[:4]
    return f"{' '.join(before)}{blank[0]}{' '.join(after)}".strip(" .,;")


def vague_words(text: str) -> str:
    """Cut the vague words out of acceptance criteria; empty when there are none, or a number beside them.

    >>> vague_words("Results are of good quality."), vague_words("Good quality: 9 of 10 correct"), vague_words("Done")
    ('good quality', '', 'Done')
    """
    if any(letter.isdigit() for letter in text):
        return ""
    if len(text.split()) < 3:
        return text.strip()
    vague = _VAGUE.search(text)
    return vague[0] if vague else ""


def are_several(owner: str) -> bool:
    """Tell whether an owner is more than one person; a comma between family and first name is none.

    >>> [are_several(each) for each in ("Anna and Bob", "Data and AI lead", "Smith, Anna", "Team", "Lead; tester")]
    [True, False, False, True, True]
    """
    by_comma = owner.split(",")
    if (
        _CROWD.fullmatch(owner.strip(" ."))
        or sum(bool(each.strip()) for each in _BETWEEN_PEOPLE.split(owner)) > 1
        or (len(by_comma) > 1 and all(len(each.split()) > 1 for each in by_comma))
    ):
        return True
    people = [each.split() for each in _MAYBE_BETWEEN.split(owner)]
    if len(people) < 2 or not all(people):
        return False
    words = [word for each in people for word in each]
    some_role = any(word.casefold().strip(".") in _ROLES for word in words)
    names = not some_role and all(word[0].isupper() and not word.isupper() for word in words)
    return names or all(each[-1].casefold().strip(".") in _ROLES for each in people)


def is_nobody(waiting_on: str) -> bool:
    """Tell whether a plan waits for nobody in particular.

    >>> is_nobody("Client, for data"), is_nobody("Client sponsor, for the signature"), is_nobody("Ms Ito")
    (True, False, False)
    """
    words = _HEAD.split(waiting_on)[0].casefold().split()
    return is_empty(waiting_on) or (bool(words) and set(words) <= _NOBODY)


def waiting_words(text: str) -> str:
    """Cut out of a text what it says about waiting for someone; empty when it says nothing.

    >>> waiting_words("Needs exports. Waiting for access to the archive, then two days.")
    'Waiting for access to the archive'
    """
    waiting = _WAITING.search(text)
    return waiting[0].strip() if waiting else ""
