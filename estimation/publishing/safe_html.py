"""Only harmless HTML and SVG reach a page: what a cell shows keeps a short list of elements, the rest is dropped."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import nh3

_HTML_KEPT = (
    "a b blockquote br caption code dd div dl dt em h2 h3 h4 hr i li ol p pre span strong sub sup table tbody td tfoot "
    "th thead tr ul"
)
_KEPT = set(_HTML_KEPT.split())
_ATTRIBUTES = {
    "*": {"class"},
    "a": {"href"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
_TABLE_OPENS = '<div class="scroll" role="region" aria-label="Table" tabindex="0"><table'

_DRAWING_KEPT = (
    "circle clipPath defs ellipse g image line linearGradient mask path pattern polygon polyline radialGradient rect "
    "stop svg text tspan use"
)
_SVG_KEPT = set(_DRAWING_KEPT.split())
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
# matplotlib says this for every element in a style sheet, which on a page would reach beyond the drawing.
_SVG_STYLE = "stroke-linejoin:round;stroke-linecap:butt"


def safe_html(text: str) -> str:
    """Keep of a piece of HTML what is harmless; tables get a frame that scrolls sideways.

    Scripts, styles, forms, frames, drawings and everything with an address to load are dropped; text stays.

    Examples
    --------
    >>> safe_html('<p onclick="x()">five <b>days</b><script>alert(1)</script>')
    '<p>five <b>days</b></p>'
    """
    kept = nh3.clean(text, tags=_KEPT, attributes=_ATTRIBUTES, url_schemes={"https", "mailto"}, link_rel=None)
    return kept.replace("<table", _TABLE_OPENS).replace("</table>", "</table></div>")


def safe_svg(text: str, *, prefix: str, css: str) -> str:
    """Rebuild a drawing for a page: harmless elements only, its names its own, its size the page's."""
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
    given = [(_local(key), value) for key, value in element.items()]
    element.attrib = {key: kept for key, value in given if (kept := _renamed(key, value, prefix)) is not None}
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
