from __future__ import annotations

import random

import pytest

from aiproxy_desktop.ui.images.gallery.geometry import Box, Cells
from aiproxy_desktop.ui.images.gallery.selection import Selection


@pytest.mark.parametrize("leftwards", [False, True])
@pytest.mark.parametrize("width", [60, 200, 571, 1216, 3000])
def test_cells_fill_the_width_and_are_found_where_they_stand(width: int, leftwards: bool) -> None:
    cells = Cells(103, width, 168, leftwards)
    boxes = [cells.box(place) for place in range(cells.count)]
    assert [cells.at(box.left + box.width // 2, box.top + 5) for box in boxes] == list(range(cells.count))
    assert all(box.bottom <= cells.height for box in boxes)
    assert cells.at(2, 2) == -1
    assert cells.at(width // 2, cells.height + 500) == -1
    if width > 300:
        assert cells.side >= 168
        assert min(box.left for box in boxes) >= 0
        assert max(box.right for box in boxes) <= width
        assert boxes[0].left == 24 or boxes[0].right == width - 24


def test_what_is_in_sight_is_what_touches_it() -> None:
    chance = random.Random(1)
    for _ in range(50):
        cells = Cells(chance.randrange(1, 400), chance.randrange(200, 2000), chance.randrange(96, 320))
        top = chance.randrange(cells.height)
        area = Box(0, top, cells.width, chance.randrange(1, 900))
        seen = [
            place
            for place in range(cells.count)
            if cells.box(place).top < area.bottom and cells.box(place).bottom > area.top
        ]
        assert list(cells.within(area)) == seen
        assert set(seen) <= set(cells.between(area.top, area.bottom))


def test_the_choice_stays_with_the_images() -> None:
    chosen = Selection()
    chosen.show(list("abcdef"))
    chosen.pick(1)
    chosen.pick(3, extend=True)
    assert (chosen.ordered, chosen.current) == (("b", "c", "d"), "d")
    chosen.pick(2, toggle=True)
    assert chosen.ordered == ("b", "d")
    chosen.show(list("xdyb"))
    assert (chosen.ordered, chosen.current) == (("d", "b"), "y")  # c was current, in the third place
    chosen.show([])
    assert (len(chosen.ordered), chosen.current, chosen.place) == (0, "", -1)
    chosen.show(["a"])
    assert not chosen.ordered
