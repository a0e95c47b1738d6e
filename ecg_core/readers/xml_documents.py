"""XML that came from anyone: what its root is called, and whether it is safe to give to a library."""

from __future__ import annotations

import re
from xml.parsers import expat

from ecg_core.errors import UnreadableFileError

_GREATEST_DEPTH = 100
_MOST_NODES = 300_000
_TOO_MANY = f"The XML has more than {_MOST_NODES:,} elements and attributes"
_START = 65_536

_BEFORE_ROOT = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(\[.*?\])?\s*>", re.DOTALL)
_ROOT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)[\s/>]")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_ENCODING = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")


def root_name(data: bytes | memoryview) -> str:
    """The name of an XML document's root element without its prefix; empty where there is none."""
    text = _decoded(bytes(data[:_START])).lstrip("\ufeff")
    if not text.lstrip().startswith("<"):
        return ""
    at = 0
    while found := _BEFORE_ROOT.match(text, at):
        at = found.end()
    root = _ROOT.match(text, at)
    return root.group(1) if root else ""


def _decoded(start: bytes) -> str:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return start.decode("utf-16", "ignore")
    return start.decode("utf-8", "ignore")


def sound_xml(data: bytes | bytearray | memoryview) -> bytes:
    """The document, proven well-formed, flat and without definitions of its own.

    A DOCTYPE that only names a file (GE MUSE writes one) is harmless, as it is never fetched; one that
    defines something is refused. Text that is not in the declared encoding is decoded without loss and
    returned as UTF-8.

    Raises
    ------
    UnreadableFileError
        With the line of a fault.
    """
    content = bytes(data)
    try:
        _check(content)
    except (expat.ExpatError, LookupError, ValueError) as error:  # the latter: an unknown encoding
        content = _recoded(content)
        try:
            _check(content)
        except expat.ExpatError as later:
            fault = error if isinstance(error, expat.ExpatError) else later
            raise UnreadableFileError(
                f"The XML is malformed: {expat.ErrorString(fault.code)} in line {fault.lineno}, "
                f"column {fault.offset + 1}"
            ) from error
    return content


def _check(content: bytes) -> None:
    if content.count(b"<") + content.count(b"=") > 3 * _MOST_NODES:
        raise UnreadableFileError(_TOO_MANY)  # before the parser takes its time over them
    parser = expat.ParserCreate()
    parser.buffer_text = True
    depth = nodes = 0

    def opened(_name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, nodes
        depth += 1
        nodes += 1 + len(attributes)
        if depth > _GREATEST_DEPTH:
            raise UnreadableFileError(
                f"The XML is nested more than {_GREATEST_DEPTH} deep in line {parser.CurrentLineNumber}"
            )
        if nodes > _MOST_NODES:
            raise UnreadableFileError(_TOO_MANY)

    def closed(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def declared(_name: str, _system: str | None, _public: str | None, has_definitions: int) -> None:
        if has_definitions:
            raise UnreadableFileError("The XML defines a document type of its own, which is not read")

    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    parser.StartDoctypeDeclHandler = declared
    parser.Parse(content, True)


def _recoded(content: bytes) -> bytes:
    declared = _ENCODING.match(content.removeprefix(b"\xef\xbb\xbf"))
    names = [declared.group(1).decode("ascii")] if declared else []
    for name in (*names, "utf-8", "latin-1"):
        try:
            text = content.removeprefix(b"\xef\xbb\xbf").decode(name)
        except (UnicodeError, LookupError):
            continue
        return _DECLARATION.sub("", text, count=1).encode("utf-8", "replace")
    return content
