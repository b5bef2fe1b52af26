"""Two pictures on the canvas: the slider, side by side, the difference."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from aiproxy_desktop.ui.images.canvas.picture.difference import compared
from aiproxy_desktop.ui.images.canvas.tools import Difference
from tests.ui.canvas_parts import HEIGHT, NONE, WIDTH, Person, person, picture

__all__ = ["person"]

BEFORE, AFTER = QColor(200, 60, 30), QColor(120, 120, 120)


def earlier(width: int = WIDTH, height: int = HEIGHT) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(BEFORE)
    return image


def test_the_slider_moves_by_keys_and_mouse(person: Person) -> None:
    canvas = person.canvas
    canvas.set_compare(earlier(), "slider", before_name="Original", after_name="3  Ochre shade")
    assert person.seen(WIDTH / 2 - 60, 20) == BEFORE
    assert person.seen(WIDTH / 2 + 60, 20) == AFTER
    person.key(Qt.Key.Key_End)
    assert person.seen(WIDTH - 5, 20) == BEFORE
    person.key(Qt.Key.Key_Home)
    assert person.seen(40, 20) == AFTER
    person.key(Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier, times=3)
    person.key(Qt.Key.Key_Left)
    assert canvas.stage.divider == pytest.approx(0.29)
    assert "29 %" in canvas.accessibleDescription()
    x = 0.29 * WIDTH
    person.drag((x, 30), (x + 100, 60))
    assert canvas.stage.divider == pytest.approx(0.29 + 100 / WIDTH, abs=0.003)
    assert canvas.masked_share == 0
    person.drag((x - 60, 300), (x - 30, 330))
    assert canvas.masked_share > 0  # beside the slider one paints as ever
    canvas.set_compare(None, "off")
    assert canvas.compare_mode == "off"
    assert person.seen(20, 20) == AFTER


def test_sides_show_the_same_place_and_move_together(person: Person) -> None:
    canvas = person.canvas
    canvas.set_compare(earlier(WIDTH * 2, HEIGHT * 2), "side_by_side")
    canvas.set_zoom(2.0)
    first, second = canvas.stage.panes
    assert first.clip.width() + second.clip.width() == 800 - 2
    seen = canvas.stage.view.to_room(QPointF(350, 300)).toPoint()
    image = canvas.grab().toImage()
    assert image.pixelColor(seen) == BEFORE
    assert image.pixelColor(seen + QPoint(second.origin, 0)) == AFTER
    for origin in (0, second.origin):
        place = canvas.stage.to_picture(QPointF(seen + QPoint(origin, 0)))
        assert (round(place.x()), round(place.y())) == (350, 300)
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, NONE, seen + QPoint(second.origin, 40))
    assert canvas.mask_box.center().x() == pytest.approx(350, abs=2)
    canvas.fit()
    assert canvas.zoom == pytest.approx((399 - 32) / WIDTH, abs=0.01)


def test_a_difference_is_found_and_told(person: Person, qtbot: QtBot) -> None:
    canvas = person.canvas
    before = picture()
    for x, y in ((10, 10), (11, 10), (400, 300)):
        before.setPixelColor(x, y, QColor(121, 120, 120))
    canvas.set_tool("rectangle")
    person.drag((0, 0), (100, 100))
    with qtbot.waitSignal(canvas.difference_found, timeout=60_000) as told:
        canvas.set_compare(before, "difference")
    assert told.args == [Difference(pixels=3, outside=1, of=WIDTH * HEIGHT, largest=1)]
    assert person.seen(400, 300) == QColor(16, 16, 16)
    assert person.seen(301, 300) == QColor(0, 0, 0)
    # Another mask: the figures are found anew.
    with qtbot.waitSignal(canvas.difference_found, timeout=60_000) as told:
        canvas.select_all()
    assert told.args == [Difference(pixels=3, outside=0, of=WIDTH * HEIGHT, largest=1)]
    given = earlier()
    canvas.set_difference(given)
    assert person.seen(300, 300) == BEFORE


def test_the_protected_area_is_proven(person: Person, qtbot: QtBot) -> None:
    canvas = person.canvas
    before = picture()
    before.setPixelColor(50, 50, QColor(0, 0, 0))
    canvas.set_tool("rectangle")
    person.drag((45, 45), (60, 60))
    canvas.set_compare(before, "off")
    with qtbot.waitSignal(canvas.difference_found, timeout=60_000) as told:
        canvas.set_show_protected(True)
    assert told.args == [Difference(pixels=1, outside=0, of=WIDTH * HEIGHT, largest=120)]
    # A soft edge may change too.
    with qtbot.waitSignal(canvas.difference_found, timeout=60_000) as told:
        person.drag((40, 40), (52, 52), held=Qt.KeyboardModifier.AltModifier)
    assert told.args[0].outside == 1
    canvas.set_feather(8)
    with qtbot.waitSignal(canvas.difference_found, timeout=60_000) as told:
        person.drag((300, 300), (310, 310))
    assert told.args[0].outside == 0


def test_pictures_of_other_sizes_are_compared_in_one_extent() -> None:
    assert compared(earlier(300, 200), earlier(600, 400)).found.pixels == 0
    see_through = QImage(30, 20, QImage.Format.Format_ARGB32_Premultiplied)
    see_through.fill(QColor(10, 20, 30, 255))
    other = see_through.copy()
    other.setPixelColor(3, 3, QColor(10, 20, 30, 200))
    assert compared(see_through, other).found.pixels == 1


def test_another_picture_ends_a_comparison(person: Person) -> None:
    canvas = person.canvas
    canvas.set_compare(earlier(), "slider")
    canvas.show_image(picture(), keep_view=True)
    assert len(canvas.stage.panes) == 2
    canvas.show_image(picture(300, 300))
    assert canvas.compare_mode == "off"
    assert canvas.image_size == QSize(300, 300)
    assert canvas.mask_box == QRect()
