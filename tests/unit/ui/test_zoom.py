"""The steps of the zoom."""

from __future__ import annotations

from aiproxy_desktop.ui.chat.conversation.zoom import STEPS, stepped


def test_steps_go_to_the_ends_and_no_further() -> None:
    zoom, seen = 70, [70]
    while (larger := stepped(zoom, 1)) != zoom:
        zoom = larger
        seen.append(zoom)
    assert tuple(seen) == STEPS
    assert stepped(200, 1) == 200
    assert stepped(70, -1) == 70
    assert stepped(150, -1) == 125
    assert stepped(175, 0) == 100


def test_a_size_between_two_steps_goes_to_a_step() -> None:
    assert (stepped(95, 1), stepped(95, -1)) == (100, 90)
