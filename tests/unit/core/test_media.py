from __future__ import annotations

from base64 import b64encode
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core import data_urls
from aiproxy_desktop.core.data_urls import decode_base64, parse_data_url
from aiproxy_desktop.core.media import UnreadableMedia, identify, kind_of, plain_type, sniff, type_by_name
from aiproxy_desktop.core.messages import MediaKind

FILES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
    (b"GIF89a", "image/gif"),
    (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
    (b"\0\0\0\x18ftypheic", "image/heic"),
    (b"\0\0\0\x18ftypavif", "image/avif"),
    (b"II*\0", "image/tiff"),
    (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
    (b"ID3\x04", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"OggS\0\x02OpusHead", "audio/ogg"),
    (b"OggS\0\x02\x80theora", "video/ogg"),
    (b"FORM\0\0\0\0AIFF", "audio/aiff"),
    (b"\0\0\0\x18ftypM4A ", "audio/mp4"),
    (b"\0\0\0\x18ftypisom", "video/mp4"),
    (b"\0\0\0\x18ftypqt  ", "video/quicktime"),
    (b"\0\0\0\x18ftyp3gp5", "video/3gpp"),
    (b"\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1fB\x86\x81\x01webm", "video/webm"),
    (b"\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1fmatroska", "video/x-matroska"),
    (b"RIFF\0\0\0\0AVI LIST", "video/x-msvideo"),
    (b"%PDF-1.7", "application/pdf"),
)


@pytest.mark.parametrize(("data", "mime"), FILES)
def test_bytes_tell_the_type_whatever_the_label(data: bytes, mime: str) -> None:
    assert sniff(data) == mime
    part = identify(kind_of(mime), data, "image/x-wrong", "wrong.txt")
    assert (part.kind, part.mime, part.data) == (kind_of(mime), mime, data)


@pytest.mark.parametrize(
    ("kind", "data", "label", "name", "mime"),
    [
        ("audio", b"\xff\xfb\x90", "", "", "audio/mpeg"),
        ("audio", b"\xff\xf1\x50", "", "", "audio/aac"),
        ("audio", b"\xff\xfb\x90", "audio/x-m4a", "", "audio/mp4"),
        ("audio", b"\0\0\0\x18ftypisom", "", "", "audio/mp4"),
        ("audio", b"\x1aE\xdf\xa3....webm", "", "", "audio/webm"),
        ("video", b"OggS", "", "", "video/ogg"),
        ("image", b"BM6\0", "", "", "image/bmp"),
        ("image", b"??", "image/x-icon", "", "image/x-icon"),
        ("document", b"a,b", "application/octet-stream", "table.CSV", "text/csv"),
        ("document", b"a", "Text/Plain; charset=utf-8", "", "text/plain"),
    ],
)
def test_the_label_the_kind_and_the_name_decide_what_the_bytes_leave_open(
    kind: MediaKind, data: bytes, label: str, name: str, mime: str
) -> None:
    assert identify(kind, data, label, name).mime == mime


def test_other_names_of_a_type_become_the_usual_one() -> None:
    assert plain_type("AUDIO/MP3; x=1") == plain_type("audio/mpga") == type_by_name("a.mp3") == "audio/mpeg"


@given(st.binary(max_size=60), st.integers(1, 20))
def test_base64_comes_back_however_its_lines_are_cut(data: bytes, width: int) -> None:
    text = b64encode(data).decode()
    cut = "\r\n".join(text[place : place + width] for place in range(0, len(text), width))
    assert decode_base64(f" {cut}\n", len(data)) == data
    assert parse_data_url(f"data:a/b;name=x;base64,{cut}", len(data)) == ("a/b", data)
    if data:
        with pytest.raises(UnreadableMedia, match="too large"):
            decode_base64(cut, len(data) - 1)


@given(st.text("AQg=+-é \n", max_size=24) | st.binary(max_size=24).map(lambda data: b64encode(data).decode()))
def test_base64_in_slices_is_what_it_is_in_one(text: str) -> None:
    def read() -> bytes | str:
        try:
            return decode_base64(text, 100)
        except UnreadableMedia as unread:
            return unread.what

    whole = read()
    for characters in (4, 8):
        with pytest.MonkeyPatch.context() as small:
            small.setattr(data_urls, "_SLICE", characters)
            assert read() == whole


@given(st.binary(max_size=40))
def test_percent_encoding_comes_back(data: bytes) -> None:
    url = "data:text/x," + "".join(f"%{byte:02x}" for byte in data)
    assert parse_data_url(url, len(data)) == ("text/x", data)


@given(st.text(max_size=40))
def test_a_data_url_is_one_or_is_refused(text: str) -> None:
    # Nothing else is raised, whatever stands in it.
    with suppress(UnreadableMedia):
        parse_data_url("data:" + text, 100)
