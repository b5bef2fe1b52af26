"""Bodies with files (`multipart/form-data`, RFC 7578), read in memory and never on the loop's thread."""

from __future__ import annotations

from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import HTTPConnection

from aiproxy_desktop.core.multipart import FormFile
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.server.errors import Refusal

TYPE = "multipart/form-data"

_MOST_PARTS = 128
# Of a field that is no file; the longest prompt that a model takes has 100,000 characters.
_MOST_TEXT = 1024 * 1024


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
    body: bytes = request.scope["state"]["body"]
    return await on_thread(lambda: read_form(content_type, body), "read-form")


def read_form(content_type: str, body: bytes) -> Form:
    """A form from its bytes.

    Args:
        content_type: the header's value, which holds the boundary.
        body: all of it.

    Raises:
        Refusal: it is none, not whole, or has more parts or longer texts than any request needs.
    """
    boundary = parse_options_header(content_type)[1].get(b"boundary")
    if not boundary:
        raise Refusal(400, "The form has no boundary. Name it in the content type, as RFC 7578 has it.")
    reader = _Reader()
    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": reader.begin,
                "on_part_data": reader.data,
                "on_part_end": reader.end,
                "on_header_field": reader.header_name,
                "on_header_value": reader.header_value,
                "on_header_end": reader.header_end,
                "on_end": reader.finish,
            },
        )
        parser.write(body)
        parser.finalize()
    except FormParserError:
        raise Refusal(400, "The form cannot be read. Send it as multipart/form-data (RFC 7578).") from None
    if not reader.whole:
        raise Refusal(400, "The form ends early. Send it once more, with its last boundary.")
    return Form(reader.fields, tuple(reader.files))


class _Reader:
    """Takes in a form piece by piece."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self.files: list[tuple[str, FormFile]] = []
        self.whole = False
        self._parts = 0
        self._name, self._value = b"", b""
        self._headers: dict[bytes, bytes] = {}
        self._pieces: list[bytes] = []
        self._size = 0

    def begin(self) -> None:
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise Refusal(400, f"The form has more than {_MOST_PARTS} parts. Send fewer.")
        self._headers, self._pieces, self._size = {}, [], 0

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header_end(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name, self._value = b"", b""

    def data(self, data: bytes, start: int, end: int) -> None:
        self._pieces.append(data[start:end])
        self._size += end - start

    def end(self) -> None:
        options = parse_options_header(self._headers.get(b"content-disposition", b""))[1]
        name = options.get(b"name")
        if name is None:
            raise Refusal(400, "A part of the form has no name. Give each one a name.")
        where = name.decode("utf-8", "replace")
        content = b"".join(self._pieces)
        self._pieces = []
        filename = options.get(b"filename")
        if filename is not None:
            mime = self._headers.get(b"content-type", b"").decode("latin-1")
            self.files.append((where, FormFile(filename.decode("utf-8", "replace"), mime, content)))
            return
        if self._size > _MOST_TEXT:
            raise Refusal(400, f"The field “{where[:60]}” of the form is too long.", param=where[:60])
        try:
            self.fields[where] = content.decode()
        except UnicodeDecodeError:
            raise Refusal(
                400, f"The field “{where[:60]}” of the form is not UTF-8.", param=where[:60]
            ) from None

    def finish(self) -> None:
        self.whole = True
