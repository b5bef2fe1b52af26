"""The package in a clean Debian: everything a person does first."""

from __future__ import annotations

from shipping.layout import VERSION

from tests.packaged.conftest import Figures, Installation
from tests.packaged.desk import keeping, showing
from tests.packaged.room import Room

PNG = b"\x89PNG\r\n\x1a\n"


def test_it_says_what_it_is(room: Room) -> None:
    assert room.person("aiproxy-desktop", "--version").well().said == f"aiproxy-desktop {VERSION}\n"
    assert "--data-dir" in room.person("aiproxy-desktop", "--help").well().said


def test_the_window_answers_with_the_built_in_model(
    room: Room, installation: Installation, figures: Figures
) -> None:
    with showing(room):
        done = room.person("aiproxy-desktop", "--smoke", "first.png").well()
    assert done.said.startswith("answer: ")
    assert done.complained == ""
    assert room.inside("/home/person/first.png").read_bytes().startswith(PNG)
    seconds = installation.seconds + done.seconds
    figures.add("apt install, then the first answer", f"{seconds:.0f} s", "60 s on a quiet machine")


def test_a_key_goes_into_the_keyring(room: Room) -> None:
    with keeping(room) as keyring:
        kept = room.person(
            "aiproxy-desktop", "keys", "set", "openai", given=b"sk-of-a-test-0123456789\n"
        ).well()
        assert "keyring" in kept.said
        assert keyring.lookup("openai") == "sk-of-a-test-0123456789"
        assert "openai     keyring" in room.person("aiproxy-desktop", "keys", "list").well().said
        room.person("aiproxy-desktop", "keys", "remove", "openai").well()
        assert keyring.lookup("openai") is None
