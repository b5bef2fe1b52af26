"""How what made a picture is written into its file: JSON in a PNG's text, and within XMP in JPEG and WebP.

Formats: PNG (w3.org/TR/png-3, iTXt), XMP (ISO 16684-1), JPEG APP1, WebP (RFC 9649).
"""

from __future__ import annotations

import html
import json
import re
import struct
from collections.abc import Iterator, Mapping

from aiproxy_desktop.core.media import sniff

# The keyword of our text in a PNG, and of our element in XMP.
KEY = "aiproxy"
_NAMESPACE = "urn:aiproxy-desktop:image"
_XMP_IN_JPEG = b"http://ns.adobe.com/xap/1.0/\0"
# An APP1 segment of a JPEG holds 65,533 bytes, its name included.
_MOST_XMP = 65_000
_MOST_READ = 4 * 1024 * 1024
_MOST_CHUNKS = 100_000
# XML has no other control characters (w3.org/TR/xml).
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OURS = re.compile(rb"<aiproxy:made>(.*?)</aiproxy:made>", re.DOTALL)


def as_json(metadata: Mapping[str, str]) -> bytes:
    """Texts by key, as they are written."""
    return json.dumps(dict(metadata), ensure_ascii=False).encode("utf-8", "replace")


def as_xmp(metadata: Mapping[str, str]) -> bytes:
    """An XMP packet; where it would not fit into a JPEG, its longest texts are cut."""
    texts = dict(metadata)
    while len(packet := _packet(texts)) > _MOST_XMP:
        longest = max(texts, key=lambda key: len(texts[key]))
        texts[longest] = texts[longest][: len(texts[longest]) * 3 // 4] + "…"
    return packet


def found_in(data: bytes) -> Mapping[str, str]:
    """The texts that are in a file; none where there are none, or it is damaged."""
    try:
        raw = next(_texts(data), b"")
        found = json.loads(raw) if raw else {}
    except (ValueError, struct.error, IndexError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {key: text for key, text in found.items() if isinstance(text, str)}


def _packet(texts: Mapping[str, str]) -> bytes:
    described = next((text for key, text in texts.items() if key.lower() == "prompt"), "")
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'xmlns:aiproxy="{_NAMESPACE}">'
        f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{_xml(described[:2000])}</rdf:li></rdf:Alt>'
        f"</dc:description><aiproxy:made>{_xml(as_json(texts).decode())}</aiproxy:made>"
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    ).encode()


def _xml(text: str) -> str:
    return html.escape(_NOT_IN_XML.sub("\ufffd", text), quote=False)


def _texts(data: bytes) -> Iterator[bytes]:
    """Our JSON, wherever a format has it."""
    mime = sniff(data)
    if mime == "image/png":
        mark = KEY.encode() + b"\0\0\0\0\0"  # neither compressed nor in any language
        yield from (
            body[len(mark) :] for kind, body in _png(data) if kind == b"iTXt" and body.startswith(mark)
        )
    packets = _jpeg(data) if mime == "image/jpeg" else _webp(data) if mime == "image/webp" else iter(())
    for packet in packets:
        if found := _OURS.search(packet):
            yield html.unescape(found[1].decode("utf-8")).encode()


def _png(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    for _ in range(_MOST_CHUNKS):
        if at + 12 > len(data):
            return
        (length,) = struct.unpack_from(">I", data, at)
        kind = data[at + 4 : at + 8]
        if kind == b"iTXt" and length <= _MOST_READ:
            yield kind, data[at + 8 : at + 8 + length]
        at += 12 + length


def _jpeg(data: bytes) -> Iterator[bytes]:
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        (length,) = struct.unpack_from(">H", data, at + 2)
        body = data[at + 4 : at + 2 + length]
        if data[at + 1] == 0xE1 and body.startswith(_XMP_IN_JPEG):
            yield body[len(_XMP_IN_JPEG) :]
        at += 2 + max(2, length)


def _webp(data: bytes) -> Iterator[bytes]:
    at = 12
    for _ in range(_MOST_CHUNKS):
        if at + 8 > len(data):
            return
        (length,) = struct.unpack_from("<I", data, at + 4)
        if data[at : at + 4] == b"XMP " and length <= _MOST_READ:
            yield data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
