"""Which other systems a plan names as integrations: the words around them, and what counts as a name."""

from __future__ import annotations

import re

# A name is capitals ("SAP S/4HANA", "ServiceNow"), or one of a few kinds of system that have no name of their own.
_KIND = (
    r"data warehouse|data lake|help ?desk|ticket(?:ing)? system|payment gateway|single sign-on|active directory|"
    r"document management|identity provider|message queue|mail server"
)
_KIND_ALONE = re.compile(_KIND, re.IGNORECASE)
_WORD = r"[A-Z][\w+-]*(?:\.\w+)*(?:/\d\w*)?"
_NAME = rf"(?:(?i:{_KIND})|{_WORD}(?: {_WORD}| \d+)*)"
_OF_CLIENT = r"(?:(?:the|our|its|their|both)\s+)?(?:(?:client|customer)(?:'s|s')?\s+)?"
_AND = r"\s*(?:,\s*(?:and\s+)?|;\s*|\s&\s|\s+and\s+|\s+or\s+)"
_LIST = rf"{_OF_CLIENT}{_NAME}(?:{_AND}{_OF_CLIENT}{_NAME})*"

_TO_LIST = re.compile(
    r"\b(?i:integrat(?:e[sd]?|ing|ions?)|connect(?:s|ed|ing|ions?|ors?)?|interfac(?:e[sd]?|ing)|api|single sign-on)"
    rf"\s+(?i:with|to|into|for|of|between)\s+(?P<list>{_LIST})"
)
_COLON = re.compile(rf"\b(?i:integrations?|interfaces?|connected systems)\s*:\s*(?P<list>{_LIST})")
_BEFORE = re.compile(rf"(?P<list>{_NAME})\s+(?i:integrations?|interface|connector|api)\b")
_HINTS = ("integrat", "connect", "interfac", "api", "single sign-on")
_SPLIT = re.compile(rf"{_AND}")
_LEADING = re.compile(rf"^{_OF_CLIENT}")

# Capitalised words that are no system: openings of sentences, and the parts of our own.
_NO_SYSTEM_WORDS = (
    "a an the this these our your its their all any each every one two three both no new first second third last full "
    "final initial basic early continuous system systems software hardware data model models ai ml machine learning "
    "api apis rest web frontend back-end backend front-end user users client clients customer customers service "
    "services application applications app component components module modules team vendor supplier external internal "
    "production staging test testing end-to-end deployment deploy build develop implement design verify document "
    "complete deep tight loose seamless integration interface connection infrastructure platform product solution "
    "process business technical functional dashboard database monday tuesday wednesday thursday friday"
)
_NO_SYSTEM = frozenset(_NO_SYSTEM_WORDS.split())


def systems_in(text: str) -> list[str]:
    """List the systems that a text names as something to connect to, in the order they come, each once.

    A name counts when it stands behind "integration with", "connected to", "interface to" and the like, behind
    "Integrations:", or before "integration", "interface", "connector" and "API".

    >>> systems_in("Scores appear in the CRM: integration with SAP, ServiceNow and the client's data warehouse.")
    ['SAP', 'ServiceNow', 'data warehouse']
    >>> systems_in("System integration done, users connected to the service")
    []
    """
    folded = text.casefold()
    if not any(hint in folded for hint in _HINTS):  # most texts speak of no other system
        return []
    named: dict[str, str] = {}
    for pattern in (_COLON, _TO_LIST, _BEFORE):
        for hit in pattern.finditer(text):
            for piece in _SPLIT.split(hit["list"]):
                name = _trimmed(_LEADING.sub("", piece))
                if name:
                    named.setdefault(name.casefold(), name)
    return list(named.values())


def names_system(name: str, system: str) -> bool:
    """Tell whether the name of a milestone speaks of a system, as a word of its own."""
    return re.search(rf"(?<!\w){re.escape(system)}(?!\w)", name, re.IGNORECASE) is not None


def _trimmed(name: str) -> str:
    """Take words that are no system off both ends of a name."""
    if _KIND_ALONE.fullmatch(name):
        return name
    words = name.strip(" .,;").split()
    own = [place for place, word in enumerate(words) if word.casefold().strip(".") not in _NO_SYSTEM]
    return " ".join(words[own[0] : own[-1] + 1]) if own else ""
