"""The mask without a widget: strokes, shapes, fills, and that undo gives every byte back."""

from __future__ import annotations

import random
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops
from PySide6.QtCore import QPointF, QRect, QSize
from PySide6.QtGui import QImage

from aiproxy_desktop.ui.images.canvas.mask.flood import connected, like
from aiproxy_desktop.ui.images.canvas.mask.model import MaskModel
from aiproxy_desktop.ui.images.canvas.pixels import grey_image

SIZE = QSize(701, 530)


def data(mask: MaskModel) -> bytes:
    return mask.buffer.image.tobytes()


def change(mask: MaskModel, chance: random.Random) -> None:
    """One change of any kind."""

    def place() -> QPointF:
        return QPointF(chance.uniform(-60, 760), chance.uniform(-60, 590))

    kind = chance.choice(
        ("stroke", "stroke", "stroke", "rectangle", "lasso", "invert", "clear", "all", "put")
    )
    hand = chance.choice(("add", "add", "subtract"))
    if kind == "stroke":
        mask.begin(place(), chance.choice((1, 3, 40, 200)), hand)  # type: ignore[arg-type]  # one of the two
        for _ in range(chance.randrange(6)):
            mask.draw_to(place(), chance.choice((1, 12, 90)))
        mask.end()
    elif kind == "rectangle":
        corner, other = place().toPoint(), place().toPoint()
        mask.rectangle(QRect(corner, other).normalized(), hand)  # type: ignore[arg-type]  # as above
    elif kind == "lasso":
        mask.lasso([place() for _ in range(chance.randrange(2, 7))], hand)  # type: ignore[arg-type]  # as above
    elif kind == "put":
        noise = Image.effect_noise((SIZE.width(), SIZE.height()), 80)
        mask.replace(grey_image(noise))
    else:
        {"invert": mask.invert, "clear": mask.clear, "all": mask.select_all}[kind]()


@pytest.mark.parametrize("seed", range(4))
def test_any_number_of_steps_back_and_forth_gives_every_byte_back(qapp: object, seed: int) -> None:
    chance, mask = random.Random(seed), MaskModel(SIZE)
    states = [data(mask)]
    now = 0
    for _ in range(120):
        what = chance.random()
        if what < 0.5:
            before = data(mask)
            change(mask, chance)
            if data(mask) != before:
                del states[now + 1 :]
                states.append(data(mask))
                now += 1
        elif what < 0.78 and mask.can_undo:
            mask.undo()
            now -= 1
        elif mask.can_redo:
            mask.redo()
            now += 1
        assert data(mask) == states[now]
        assert mask.can_undo == (now > 0)
        assert mask.can_redo == (now < len(states) - 1)
        found = mask.buffer.image.getbbox()
        assert mask.box == (
            QRect() if found is None else QRect(*found[:2], found[2] - found[0], found[3] - found[1])
        )
    for finer, coarser in zip(mask.buffer.levels, mask.buffer.levels[1:], strict=False):
        assert finer.reduce(2).tobytes() == coarser.tobytes()
    assert mask.share() == pytest.approx(sum(data(mask)) / 255 / len(data(mask)), abs=0.01)


def test_a_quick_stroke_has_no_gap_and_keeps_to_its_width(qapp: object) -> None:
    mask = MaskModel(SIZE)
    mask.begin(QPointF(50, 60), 24, "add")
    mask.draw_to(QPointF(650, 460), 24)
    mask.end()
    image = mask.image()
    for step in range(601):
        x, y = 50 + step, 60 + step * 400 / 600
        assert image.pixelColor(round(x), round(y)).red() == 255
    assert image.pixelColor(350, 260 - 30).red() == 0
    assert image.pixelColor(350, 260 + 30).red() == 0


def test_a_slow_stroke_is_as_smooth_as_a_quick_one(qapp: object) -> None:
    quick, slow = MaskModel(SIZE), MaskModel(SIZE)
    for mask, steps in ((quick, 1), (slow, 300)):
        mask.begin(QPointF(100, 100), 60, "add")
        for step in range(1, steps + 1):
            mask.draw_to(QPointF(100 + 400 * step / steps, 100 + 300 * step / steps), 60)
        mask.end()
    apart = ImageChops.difference(quick.buffer.image, slow.buffer.image)
    # Edges are not drawn twice over each other, which would make them hard and wide.
    assert max(apart.tobytes()) <= 48
    assert sum(apart.tobytes()) / sum(data(quick)) < 0.002


def test_painting_over_a_place_twice_changes_nothing(qapp: object) -> None:
    mask = MaskModel(SIZE)
    states = []
    for _ in range(2):
        mask.begin(QPointF(200.4, 200.7), 33, "add")
        mask.end()
        states.append(data(mask))
    assert states[0] == states[1]
    assert mask.can_undo
    mask.undo()
    assert mask.empty
    assert not mask.can_undo  # the second changed nothing, and is no step


def test_a_brush_of_one_pixel_sets_one_pixel(qapp: object) -> None:
    mask = MaskModel(SIZE)
    mask.begin(QPointF(10.9, 20.1), 1, "add")
    mask.end()
    assert mask.box == QRect(10, 20, 1, 1)
    assert mask.share() > 0


def test_a_stroke_that_is_left_leaves_nothing(qapp: object) -> None:
    mask = MaskModel(SIZE)
    mask.rectangle(QRect(10, 10, 300, 300), "add")
    before = data(mask)
    mask.begin(QPointF(300, 300), 90, "subtract")
    mask.draw_to(QPointF(20, 20), 90)
    assert data(mask) != before
    mask.abandon()
    assert data(mask) == before
    mask.undo()
    assert mask.empty


def test_a_mask_of_another_size_and_format_is_taken(qapp: object) -> None:
    other = QImage(100, 50, QImage.Format.Format_Alpha8)
    other.fill(255)
    mask = MaskModel(SIZE)
    mask.replace(other)
    assert mask.share() == 1.0
    mask.undo()
    assert mask.empty


def test_fifty_strokes_over_everything_cost_little(qapp: object) -> None:
    mask, chance = MaskModel(QSize(2048, 2048)), random.Random(1)
    for number in range(50):
        mask.begin(QPointF(0, 0), 200, "subtract" if number % 2 else "add")
        for _ in range(20):
            mask.draw_to(QPointF(chance.uniform(0, 2048), chance.uniform(0, 2048)), 200)
        mask.end()
    assert mask.history_cost < 50 << 20
    for _ in range(50):
        mask.undo()
    assert mask.empty


@given(
    st.integers(1, 24).flatmap(
        lambda width: st.lists(
            st.lists(st.booleans(), min_size=width, max_size=width), min_size=1, max_size=24
        )
    ),
    st.data(),
)
def test_a_flood_reaches_what_a_plain_search_reaches(grid: list[list[bool]], draw: st.DataObject) -> None:
    width, height = len(grid[0]), len(grid)
    x = draw.draw(st.integers(0, width - 1))
    y = draw.draw(st.integers(0, height - 1))
    allowed = Image.frombytes("L", (width, height), bytes(255 * cell for row in grid for cell in row))
    seen = {(x, y)} if grid[y][x] else set()
    waiting = deque(seen)
    while waiting:
        column, row = waiting.popleft()
        for near in ((column + 1, row), (column - 1, row), (column, row + 1), (column, row - 1)):
            if 0 <= near[0] < width and 0 <= near[1] < height and grid[near[1]][near[0]] and near not in seen:
                seen.add(near)
                waiting.append(near)
    expected = bytes(255 * ((column, row) in seen) for row in range(height) for column in range(width))
    assert connected(allowed, x, y).tobytes() == expected


def test_alike_is_within_the_tolerance_in_every_channel() -> None:
    picture = Image.new("RGBX", (4, 1))
    for x, colour in enumerate(((10, 10, 10, 0), (18, 10, 10, 9), (19, 10, 10, 0), (10, 10, 1, 0))):
        picture.putpixel((x, 0), colour)
    assert like(picture, 0, 0, 8, channels=3).tobytes() == b"\xff\xff\x00\x00"
    assert like(picture, 0, 0, 8).tobytes() == b"\xff\x00\x00\x00"
