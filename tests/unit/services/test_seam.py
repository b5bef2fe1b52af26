from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.services.seam import MOST, Seam


def joined(so_far: str, pieces: list[str]) -> str:
    seam = Seam(so_far)
    return so_far + "".join([*(seam.feed(piece) for piece in pieces), seam.finish()])


@pytest.mark.parametrize(
    ("so_far", "pieces", "whole"),
    [
        ("The quick brown", [" fox"], "The quick brown fox"),
        ("The quick brown", ["brown", " fox"], "The quick brown fox"),
        ("The quick bro", ["wn fox"], "The quick brown fox"),
        ("The quick brown", ["The quick", " brown fox"], "The quick brown fox"),
        ("One. The quick brown", ["The quick bro", "wn fox"], "One. The quick brown fox"),
        ("ha ", ["ha ha"], "ha ha ha"),
        ("10", ["00"], "1000"),
        ("", ["Good ", "day"], "Good day"),
        ("The end", [], "The end"),
        ("The end is near", ["The end"], "The end is nearThe end"),
    ],
)
def test_what_was_said_already_is_not_said_again(so_far: str, pieces: list[str], whole: str) -> None:
    assert joined(so_far, pieces) == whole


def test_a_long_repetition_is_found_up_to_its_bound() -> None:
    tail = "".join(f"line {number}\n" for number in range(200))[-MOST:]
    so_far = "before " + tail
    assert joined(so_far, list(tail + "after")) == so_far + "after"


@given(st.text("ab ", max_size=30), st.lists(st.text("ab ", max_size=6), max_size=8))
def test_how_the_pieces_are_cut_changes_nothing(so_far: str, pieces: list[str]) -> None:
    whole = joined(so_far, pieces)
    assert whole == joined(so_far, ["".join(pieces)])
    assert (so_far + "".join(pieces)).endswith(whole[len(so_far) :])


def test_new_text_is_passed_on_at_once() -> None:
    seam = Seam("The quick brown")
    assert seam.feed(" fox") == " fox"
    assert seam.feed("brown") == "brown"
