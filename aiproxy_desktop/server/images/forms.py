"""Bodies with files (`multipart/form-data`, RFC 7578), read in memory and never on the loop's thread."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from starlette.requests import HTTPConnection

from aiproxy_desktop.core.multipart import FormFile
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.server.errors import Refusal
from aiproxy_desktop.server.gate.bodies import Whole

TYPE = "multipart/form-data"

_MOST_PARTS = 128
_MOST_HEADER_BYTES = 16 * 1024
# Of a field that is no file; the longest prompt that a model takes has 100,000 characters.
_MOST_TEXT = 1024 * 1024

# RFC 2046, 5.1.1, and whatever else clients make of it.
_BOUNDARY = re.compile(r';\s*boundary=(?:"([^"]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
# Browsers write a quotation mark as %22, others put a backslash before it.
_PARAMETER = re.compile(r';\s*(name|filename\*?)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))', re.IGNORECASE)
_ESCAPED = re.compile(r"\\(.)")
_UNREADABLE = "The form cannot be read. Send it as multipart/form-data (RFC 7578)."


@dataclass(frozen=True, slots=True)
class Form:
    """What a form holds: texts by name, of which the last counts, and files in their order."""

    fields: dict[str, str] = field(default_factory=dict)
    files: tuple[tuple[str, FormFile], ...] = ()


def is_form(request: HTTPConnection) -> bool:
    """Whether the body of a request is a form."""
    kind = request.headers.get("content-type", "")
    return kind.partition(";")[0].strip().lower() == TYPE


async def form_of(request: HTTPConnection) -> Form:
    """The form that a request brings.

    Raises:
        Refusal: it is none, or not whole.
    """
    content_type = request.headers.get("content-type", "")
    body: Whole = request.scope["state"]["body"]
    return await on_thread(lambda: read_form(content_type, body), "read-form")


def read_form(content_type: str, body: Whole) -> Form:
    """A form from its bytes.

    Args:
        content_type: the header's value, which holds the boundary.
        body: all of it.

    Raises:
        Refusal: it is none, not whole, or has more parts or longer texts than any request needs.
    """
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise Refusal(400, "The form has no boundary. Name it in the content type, as RFC 7578 has it.")
    texts: dict[str, str] = {}
    files: list[tuple[str, FormFile]] = []
    for headers, content in _parts(body, (found[1] or found[2]).encode("latin-1", "replace")):
        name, filename = _names(headers.get("content-disposition", ""))
        if filename is not None:
            files.append((name, FormFile(filename, headers.get("content-type", ""), content)))
        else:
            texts[name] = _text(name, content)
    return Form(texts, tuple(files))


def _parts(body: Whole, boundary: bytes) -> Iterator[tuple[dict[str, str], bytes]]:
    """The parts between boundaries: headers by lower-case name, and the content."""
    view = memoryview(body)
    first, between = b"--" + boundary, b"\r\n--" + boundary
    at = 0 if body.startswith(first) else body.find(between)
    if at < 0:
        raise Refusal(400, _UNREADABLE)
    at += len(first) if at == 0 else len(between)
    for count in range(_MOST_PARTS + 1):
        if body.startswith(b"--", at):
            return
        line = body.find(b"\r\n", at, at + _MOST_HEADER_BYTES)
        head = body.find(b"\r\n\r\n", line, line + _MOST_HEADER_BYTES) if line >= 0 else -1
        end = body.find(between, head + 2) if head >= 0 else -1
        if end < 0:
            raise Refusal(400, "The form ends early. Send it once more, with its last boundary.")
        if count == _MOST_PARTS:
            raise Refusal(400, f"The form has more than {_MOST_PARTS} parts. Send fewer.")
        yield _headers(body[line + 2 : head]), bytes(view[head + 4 : end])
        at = end + len(between)


def _headers(lines: Whole) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        found[name.strip().lower()] = value.strip()
    return found


def _names(disposition: str) -> tuple[str, str | None]:
    """The field's name, and that of its file where it is one."""
    found = {
        one[1].lower(): _ESCAPED.sub(r"\1", one[2] or one[3] or "")
        for one in _PARAMETER.finditer(disposition)
    }
    if not found.get("name"):
        raise Refusal(400, "A part of the form has no name. Give each one a name.")
    return found["name"], found.get("filename", found.get("filename*"))


def _text(name: str, content: bytes) -> str:
    shown = name[:60]
    if len(content) > _MOST_TEXT:
        raise Refusal(400, f"The field “{shown}” of the form is too long.", param=shown)
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise Refusal(400, f"The field “{shown}” of the form is not UTF-8.", param=shown) from None
