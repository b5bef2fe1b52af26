"""Form bodies with files (RFC 7578), read as strictly as no server has to."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TYPE = re.compile(r"multipart/form-data;\s*boundary=\"?([0-9A-Za-z'()+_,./:=? -]{1,70})\"?", re.IGNORECASE)
_DISPOSITION = re.compile(r'form-data; name="([^"\r\n]+)"(?:; filename="([^"\r\n]*)")?')


class BadFormError(Exception):
    """What is wrong with a form."""


@dataclass(frozen=True, slots=True)
class FormPart:
    """One part: a text where it has no file name."""

    name: str
    data: bytes
    filename: str | None = None
    mime: str = ""


def read_form(content_type: str, body: bytes) -> list[FormPart]:
    """The parts, in order.

    Raises:
        BadFormError: anything that RFC 7578 (and RFC 2046, section 5.1) does not allow.
    """
    found = _TYPE.fullmatch(content_type)
    if found is None:
        raise BadFormError(f"content-type {content_type!r} is no form")
    mark = b"--" + found[1].encode()
    if not body.startswith(mark + b"\r\n"):
        raise BadFormError("the body does not begin with its boundary")
    end = body.find(b"\r\n" + mark + b"--")
    if end < 0:
        raise BadFormError("the body has no closing boundary")
    if body[end + len(mark) + 4 :] not in {b"", b"\r\n"}:
        raise BadFormError("something follows the closing boundary")
    return [_part(piece) for piece in body[len(mark) + 2 : end].split(b"\r\n" + mark + b"\r\n")]


def _part(piece: bytes) -> FormPart:
    head, found, data = piece.partition(b"\r\n\r\n")
    if not found:
        raise BadFormError("a part has no end of its head")
    headers: dict[str, str] = {}
    for line in head.decode("utf-8").split("\r\n"):
        name, colon, value = line.partition(":")
        if not colon or not name.strip() or name.lower() in headers:
            raise BadFormError(f"a part's header is none: {line!r}")
        headers[name.lower()] = value.strip()
    disposition = _DISPOSITION.fullmatch(headers.get("content-disposition", ""))
    if disposition is None:
        raise BadFormError(f"a part says {headers.get('content-disposition')!r}")
    if set(headers) - {"content-disposition", "content-type"}:
        raise BadFormError(f"a part has headers of no meaning: {sorted(headers)}")
    if disposition[2] is not None and "content-type" not in headers:
        raise BadFormError(f"the file {disposition[2]!r} has no type")
    return FormPart(disposition[1], data, disposition[2], headers.get("content-type", ""))
