"""Notes and a banner for readers who want sentences instead of tables; every text from data is escaped here."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

# The looks come from the report's own style sheet, which ignores these; they serve JupyterLab alone.
_TERM = "float:none;width:auto;margin:0.3em 0 0;font-weight:600"
_SAID = "float:none;width:auto;margin:0 0 0 1.2em"


@dataclass(frozen=True)
class Note:
    """One thing to tell: a heading, and what is to be said about it, each part under its own word."""

    heading: str
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ReportNotes:
    """Notes one below the other, or a sentence where there are none."""

    notes: tuple[Note, ...]
    otherwise: str = ""

    def _repr_html_(self) -> str:
        """Write each note as a heading with a description list."""
        if not self.notes:
            return f'<p class="report-text">{escape(self.otherwise)}</p>' if self.otherwise else ""
        return "\n".join(
            f'<div class="report-note"><h3>{escape(note.heading)}</h3>{_parts(note)}</div>'
            for note in self.notes
        )

    def __repr__(self) -> str:
        blocks = [[note.heading, *(f"  {word}: {text}" for word, text in note.parts)] for note in self.notes]
        return "\n\n".join(map("\n".join, blocks)) or self.otherwise


@dataclass(frozen=True)
class ReportBanner:
    """A warning that nobody can overlook; nothing where there is none to give."""

    text: str

    def _repr_html_(self) -> str:
        """Write the warning as a block of its own."""
        return f'<div class="report-banner"><p>{escape(self.text)}</p></div>' if self.text else ""

    def __repr__(self) -> str:
        return self.text


def _parts(note: Note) -> str:
    parts = "".join(
        f'<dt style="{_TERM}">{escape(word)}</dt><dd style="{_SAID}">{escape(text)}</dd>'
        for word, text in note.parts
    )
    return f"<dl>{parts}</dl>" if parts else ""
