from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.ui.shell.handing_over import MOST_LINE, Wish, read, written

NAMES = st.lists(
    st.binary(min_size=1, max_size=80).filter(lambda name: b"\0" not in name and b"/" not in name)
)


@given(NAMES)
def test_any_name_arrives_as_it_was(names: list[bytes]) -> None:
    files = tuple(Path("/") / os.fsdecode(name) for name in names)
    line = written(Wish(files, "a-token_1"))
    assert line.count(b"\n") == 1
    assert read(line) == Wish(files, "a-token_1")


@pytest.mark.parametrize("token", ["", " ", "x" * 201, "a\nb", "ä", "\0"])
def test_what_is_no_token_is_not_passed_on(token: str) -> None:
    assert read(written(Wish(token=token))) == Wish()
    assert read(b"open " + json.dumps({"files": [], "token": token}).encode() + b"\n") == Wish()


def test_what_does_not_fit_is_left_out() -> None:
    line = written(Wish(tuple(Path("/") / f"{number}{'x' * 4000}" for number in range(1000))))
    assert len(line) <= MOST_LINE
    found = read(line)
    assert found is not None
    assert len(found.files) > 100


@pytest.mark.parametrize(
    "line",
    [
        *(b"", b"raise\n", b"open", b"open\n", b"open {}", b"open []\n", b"open {}\n", b"open null\n"),
        *(b'open {"files": {}}\n', b'open {"files": [1]}\n', b'open {"files": ["relative"]}\n'),
        *(b'open {"files": ["/a\\u0000b"]}\n', b"open " + b"[" * 100_000 + b"\n", b'open {"files": "/"}\n'),
        b"open " + json.dumps({"files": ["/x"] * 1001}).encode() + b"\n",
        b'open {"files": ["/' + b"x" * MOST_LINE + b'"]}\n',
    ],
)
def test_anything_else_is_no_wish(line: bytes) -> None:
    assert read(line) is None
