"""Bytes inside text: base64, and data URLs as RFC 2397 writes them."""

from __future__ import annotations

import binascii

from aiproxy_desktop.core.media import MIB, UnreadableMedia

_LONGEST_HEADER = 1024
_SPACES = b" \t\r\n"
_SLICE = 1024 * 1024  # characters; a multiple of four


def decode_base64(text: str, limit: int) -> bytes:
    """The bytes of a base64 text (RFC 4648, section 4), in which spaces and line breaks are passed over.

    Raises:
        UnreadableMedia: it is not base64, or holds more than `limit` bytes; found out before decoding.
    """
    if len(text) // 4 * 3 > limit + 2:
        # Line breaks take up a little, so that only counting without them is exact.
        spaces = sum(text.count(space) for space in " \t\r\n")
        check_size((len(text) - spaces) // 4 * 3, limit, padding=2)
    try:
        raw = text.encode("ascii")
        try:
            data = _decoded(raw)
        except binascii.Error:
            data = _decoded(raw.translate(None, _SPACES))
    except ValueError:  # binascii.Error and UnicodeEncodeError are ValueErrors
        raise UnreadableMedia(
            "is not base64", "Encode the bytes with base64 (A-Z, a-z, 0-9, +, / and = at the end)."
        ) from None
    check_size(len(data), limit)
    return data


def _decoded(raw: bytes) -> bytes:
    """In slices: while one call decodes tens of megabytes, no other thread of Python runs.

    Raises:
        binascii.Error: it is not base64.
    """
    data = bytearray()
    for start in range(0, len(raw), _SLICE):
        if len(data) != start // 4 * 3:
            raise binascii.Error("it ended before")
        data += binascii.a2b_base64(raw[start : start + _SLICE], strict_mode=True)
    return bytes(data)


def parse_data_url(url: str, limit: int) -> tuple[str, bytes]:
    """The media type (as written, or empty) and the bytes of a data URL.

    Raises:
        UnreadableMedia: it is not one, or holds more than `limit` bytes.
    """
    comma = url.find(",", 0, _LONGEST_HEADER)
    if comma < 0:
        raise UnreadableMedia(
            "is not a data URL", "It is written data:image/png;base64,… with a comma before the data."
        )
    header = url[len("data:") : comma]
    label, *parameters = (field.strip() for field in header.split(";"))
    if label and ("/" not in label or any(char.isspace() or not char.isprintable() for char in label)):
        raise UnreadableMedia(
            "is not a data URL", "Between “data:” and the comma stands a type such as image/png."
        )
    encoded = any(parameter.lower() == "base64" for parameter in parameters)
    if not encoded or "%" in url:
        # Percent-encoding takes up to three characters a byte, and base64 inside it four thirds of that.
        check_size((len(url) - comma) // 4, limit)
        from urllib.parse import unquote_to_bytes

        data = unquote_to_bytes(url[comma + 1 :])
        if not encoded:
            check_size(len(data), limit)
            return label, data
        return label, decode_base64(data.decode("latin-1"), limit)
    return label, decode_base64(url[comma + 1 :], limit)


def check_size(size: int, limit: int, padding: int = 0) -> None:
    """Refuse what is larger than it may be.

    Raises:
        UnreadableMedia: `size` exceeds `limit` by more than `padding` bytes.
    """
    if size > limit + padding:
        raise UnreadableMedia(
            f"is too large: {_mib(size)}, where {_mib(limit)} are taken",
            "Send a smaller one, or put it into the provider's file service and send its id.",
        )


def _mib(size: int) -> str:
    return f"{size / MIB:.0f} MiB" if size >= MIB else f"{size} bytes"
