"""XML read piece by piece by the standard library's expat, document types and with them entities forbidden."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import IO
from xml.parsers import expat

LONGEST_TEXT = 1_000_000
"""Of one element. [characters]"""
DEEPEST = 50
_CHUNK = 1 << 16


class BrokenXmlError(ValueError):
    """The text is no XML, or XML that no program of the trade writes."""


class Node:
    """An element: its tag without namespace, its attributes, its text, its children, and how deep it lay."""

    __slots__ = ("attributes", "children", "depth", "tag", "text")

    def __init__(self, tag: str, attributes: dict[str, str], depth: int = 1) -> None:
        self.tag, self.attributes, self.text, self.depth = tag, attributes, "", depth
        self.children: list[Node] = []

    def all(self, tag: str) -> list[Node]:
        """List the children of a tag."""
        return [child for child in self.children if child.tag == tag]

    def node(self, tag: str) -> Node | None:
        """Give the first child of a tag."""
        return next((child for child in self.children if child.tag == tag), None)

    def get(self, tag: str) -> str:
        """Give the text of the first child of a tag, "" where there is none."""
        child = self.node(tag)
        return child.text.strip() if child else ""


def is_true(node: Node, tag: str) -> bool:
    """Tell whether the text of the first child of a tag says yes."""
    return node.get(tag) in ("1", "true")


def parse(
    content: IO[bytes],
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
) -> Iterator[None]:
    """Feed a document to three functions, a piece at each step.

    A document type is refused: that is where entities are defined that read other files or unfold a line into
    gigabytes, and no export has one.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    try:
        while chunk := content.read(_CHUNK):
            parser.Parse(chunk, False)
            yield
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise BrokenXmlError(str(error)) from None
    yield


def _refuse_doctype(name: str, *_: object) -> None:
    raise BrokenXmlError(f"it has a document type ('<!DOCTYPE {name[:40]}'), which could define entities")


def own_tag(tag: str) -> str:
    """Leave out the prefix of a namespace."""
    return tag.rpartition(":")[2] if ":" in tag else tag


def read_records(
    content: IO[bytes], wanted: Collection[str], skipped: Collection[str] = ()
) -> Iterator[Node]:
    """Read the wanted elements of a large document one by one; only one is in memory at a time.

    A record inside another belongs to it. The first node is the root, without its children. Skipped elements are
    passed over with all they hold.
    """
    done: list[Node] = []
    stack: list[Node] = []
    depth = pass_over = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, pass_over
        tag = own_tag(tag)
        depth += 1
        if depth > DEEPEST:
            raise BrokenXmlError(f"elements lie inside each other more than {DEEPEST} deep")
        if depth == 1:
            done.append(Node(tag, attributes))
        if pass_over or tag in skipped:
            pass_over += 1
        elif stack or tag in wanted:
            node = Node(tag, attributes, depth)
            if stack:
                stack[-1].children.append(node)
            stack.append(node)

    def end(_: str) -> None:
        nonlocal depth, pass_over
        depth -= 1
        if pass_over:
            pass_over -= 1
        elif stack:
            node = stack.pop()
            if not stack:
                done.append(node)

    def text(piece: str) -> None:
        if stack and not pass_over:
            node = stack[-1]
            node.text += piece
            if len(node.text) > LONGEST_TEXT:
                raise BrokenXmlError(f"the text of <{node.tag}> has more than {LONGEST_TEXT:,} characters")

    for _ in parse(content, start, end, text):
        yield from done
        done.clear()
