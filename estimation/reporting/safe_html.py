"""Only harmless HTML and SVG pass: what a cell shows is rebuilt from a short list of elements, the rest is dropped."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from html import escape
from html.parser import HTMLParser


def _named(words: str) -> frozenset[str]:
    return frozenset(words.split())


_KEPT = _named(
    "a b blockquote br caption code dd div dl dt em h1 h2 h3 h4 h5 h6 hr i li ol p pre span strong "
    "sub sup table tbody td tfoot th thead tr ul"
)
_VOID = frozenset({"br", "hr"})
_SILENT = _named(
    "applet embed frameset iframe math noembed noframes noscript object script select style svg "
    "template textarea title xmp"
)
_ATTRIBUTES = {
    "class": re.compile(r"[\w -]+"),
    "scope": re.compile(r"row|col"),
    "colspan": re.compile(r"\d{1,3}"),
    "rowspan": re.compile(r"\d{1,3}"),
    "href": re.compile(r"(?:#|https://|mailto:).*"),
}
_TABLE_OPENS = '<div class="scroll" role="region" aria-label="Table" tabindex="0">'

_SVG_KEPT = _named(
    "circle clipPath defs ellipse g image line linearGradient mask path pattern polygon polyline "
    "radialGradient rect stop svg text tspan use"
)
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
# matplotlib says this for every element in a style sheet, which on a page would reach beyond the drawing.
_SVG_STYLE = "stroke-linejoin:round;stroke-linecap:butt"


def safe_html(text: str) -> str:
    """Rebuild a piece of HTML from harmless elements only; tables get a frame that scrolls sideways.

    Scripts, styles, forms, frames, drawings and everything with an address to load are dropped; text stays.
    The report's own heading is the only one of the first level, others become the second.

    Parameters
    ----------
    text : str
        HTML as a display object or the markdown renderer wrote it.

    Returns
    -------
    str
        Balanced HTML without attributes other than class, scope, spans and link targets.

    Examples
    --------
    >>> safe_html('<p onclick="x()">five <b>days</b><script>alert(1)</script>')
    '<p>five <b>days</b></p>'
    """
    rebuilt = _Rebuilt()
    rebuilt.feed(text)
    rebuilt.close()
    return rebuilt.text()


class _Rebuilt(HTMLParser):
    """Writes down what it is allowed to keep of the HTML it is fed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._open: list[str] = []
        self._silent = 0

    def text(self) -> str:
        while self._open:
            self._close_last()
        return "".join(self._parts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        if self._silent or tag not in _KEPT:
            return
        tag = "h2" if tag == "h1" else tag
        kept = "".join(
            f' {name}="{escape(value)}"'
            for name, value in attrs
            if value is not None and name in _ATTRIBUTES and _ATTRIBUTES[name].fullmatch(value)
        )
        self._parts.append(f"{_TABLE_OPENS if tag == 'table' else ''}<{tag}{kept}>")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
            return
        tag = "h2" if tag == "h1" else tag
        if self._silent or tag not in self._open:
            return
        while self._close_last() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._parts.append(escape(data, quote=False))

    def _close_last(self) -> str:
        tag = self._open.pop()
        self._parts.append(f"</{tag}>{'</div>' if tag == 'table' else ''}")
        return tag


def safe_svg(text: str, *, prefix: str, css: str) -> str:
    """Rebuild a drawing for a page: harmless elements only, its names its own, its size the page's.

    Parameters
    ----------
    text : str
        SVG as matplotlib wrote it.
    prefix : str
        Put before every id, so that two drawings on one page cannot take each other's parts.
    css : str
        Class of the drawing.

    Returns
    -------
    str
        One ``<svg>`` element without namespaces, comments, metadata or scripts.
    """
    root = ET.fromstring(text)
    _clean(root, prefix)
    root.attrib = {
        "class": css,
        "viewBox": root.get("viewBox", "0 0 100 100"),
        "style": _SVG_STYLE,
        "aria-hidden": "true",
        "focusable": "false",
    }
    return ET.tostring(root, encoding="unicode")


def _clean(element: ET.Element, prefix: str) -> None:
    """Drop what is not harmless below an element and make its names its own."""
    element.tag = _local(element.tag)
    element.attrib = {
        name: value
        for name, value in (
            (_local(key), _renamed(_local(key), value, prefix)) for key, value in element.items()
        )
        if value is not None
    }
    element.text = (element.text or "").strip() or None
    for child in list(element):
        child.tail = (child.tail or "").strip() or None
        if isinstance(child.tag, str) and _local(child.tag) in _SVG_KEPT:
            _clean(child, prefix)
        else:
            element.remove(child)


def _renamed(name: str, value: str, prefix: str) -> str | None:
    """Give the value of an attribute with the names in it prefixed; None where it must go."""
    if name.lower().startswith("on"):
        return None
    if name == "id":
        return prefix + value
    if name == "href":
        if value.startswith("#"):
            return f"#{prefix}{value[1:]}"
        return value if value.startswith("data:image/png;base64,") else None
    value = " ".join(_REFERENCE.sub(rf"url(#{prefix}\1)", value).split())
    return None if "url(" in value.replace(f"url(#{prefix}", "") else value


def _local(name: str) -> str:
    return name.rpartition("}")[2]
