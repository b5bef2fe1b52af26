"""Forms with files, as clients write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.multipart import FormFile, write_form
from aiproxy_desktop.server.errors import Refusal
from aiproxy_desktop.server.images.forms import read_form

_NAME = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='"\\%'), min_size=1)
_FIELD = st.tuples(_NAME, st.text(st.characters(exclude_categories=["Cs"])))
_FILE = st.tuples(_NAME, st.builds(FormFile, _NAME, st.just("image/png"), st.binary()))


@given(st.lists(_FIELD, max_size=4), st.lists(_FILE, max_size=3))
def test_what_is_written_is_read(fields: list[tuple[str, str]], files: list[tuple[str, FormFile]]) -> None:
    found = read_form(*write_form([*fields, *files]))
    assert found.fields == dict(fields)
    assert found.files == tuple(files)


def test_the_ways_of_other_clients_are_read_too() -> None:
    kind = 'Multipart/Form-Data; charset=utf-8; boundary="a b"'
    body = (
        b"A preamble.\r\n--a b\r\n"
        b"Content-Type: text/plain\r\nCONTENT-DISPOSITION: form-data; filename=x.png; name=image[]\r\n\r\n"
        b"\r\n--a \r\n--a b  \r\n"
        b'Content-Disposition: form-data; name="a \\"b\\""\r\n\r\n\r\n--a b--\r\nAn epilogue.'
    )
    found = read_form(kind, body)
    assert found.fields == {'a "b"': ""}
    assert found.files == (("image[]", FormFile("x.png", "text/plain", b"\r\n--a ")),)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "cannot be read"),
        (b"--x", "ends early"),
        (b"--x\r\ncontent-disposition: form-data; name=a", "ends early"),
        (b"--x\r\n\r\nb\r\n--x--", "has no name"),
        (b"--x\r\ncontent-disposition: form-data; name=a\r\n\r\n\xff\r\n--x--", "not UTF-8"),
        (
            b"--x\r\ncontent-disposition: form-data; name=a\r\n\r\n" + b"a" * 1_048_577 + b"\r\n--x--",
            "too long",
        ),
        (b"--x\r\n" + b"a: b\r\n" * 5000 + b"\r\n\r\n--x--", "ends early"),
    ],
)
def test_what_is_no_form_is_refused(body: bytes, sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence):
        read_form("multipart/form-data; boundary=x", body)
