from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.ui.shell.handing_over import MOST_LINE, RAISE, read_wish, wish

NAMES = st.lists(
    st.binary(min_size=1, max_size=80).filter(lambda name: b"\0" not in name and b"/" not in name)
)


@given(NAMES)
def test_any_name_arrives_as_it_was(names: list[bytes]) -> None:
    files = tuple(Path("/") / os.fsdecode(name) for name in names)
    line = wish(files)
    assert line.count(b"\n") == 1
    assert read_wish(line) == files


def test_no_file_is_a_wish_to_come_forward() -> None:
    assert wish(()) == RAISE
    assert read_wish(RAISE) == ()


def test_what_does_not_fit_is_left_out() -> None:
    line = wish([Path("/") / f"{number}{'x' * 4000}" for number in range(1000)])
    assert len(line) <= MOST_LINE
    files = read_wish(line)
    assert files is not None
    assert len(files) > 100


@pytest.mark.parametrize(
    "line",
    [
        *(b"", b"raise", b"raise!\n", b"open\n", b"open []", b"open {}\n", b"open [1]\n", b"open [null]\n"),
        *(b'open ["relative"]\n', b'open ["/a\\u0000b"]\n', b"open " + b"[" * 100_000 + b"\n"),
        b"open " + json.dumps(["/x"] * 1001).encode() + b"\n",
        b'open ["/' + b"x" * MOST_LINE + b'"]\n',
    ],
)
def test_anything_else_is_no_wish(line: bytes) -> None:
    assert read_wish(line) is None
