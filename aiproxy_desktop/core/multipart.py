"""Form bodies with files (RFC 7578)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FormFile:
    """One file of a form."""

    name: str
    mime: str
    data: bytes = field(repr=False)


def write_form(fields: Iterable[tuple[str, str | FormFile]]) -> tuple[str, bytes]:
    """The content type and the body of a form; a name may come several times."""
    boundary = secrets.token_hex(16)
    pieces: list[bytes] = []
    for name, value in fields:
        disposition = f'form-data; name="{_quoted(name)}"'
        if isinstance(value, FormFile):
            head = f'{disposition}; filename="{_quoted(value.name)}"\r\ncontent-type: {value.mime}'
            content = value.data
        else:
            head, content = disposition, value.encode("utf-8", "replace")
        pieces += (f"--{boundary}\r\ncontent-disposition: {head}\r\n\r\n".encode(), content, b"\r\n")
    pieces.append(f"--{boundary}--\r\n".encode())
    return f"multipart/form-data; boundary={boundary}", b"".join(pieces)


def _quoted(name: str) -> str:
    """A name that ends neither its quotes nor its line (as HTML's form submission escapes it)."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
