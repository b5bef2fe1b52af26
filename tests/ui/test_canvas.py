"""The canvas in the hands of a person: tools, keys, zoom, what is drawn."""

from __future__ import annotations

import gc
import math
import random
import weakref

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QImage,
    QNativeGestureEvent,
    QPointingDevice,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from aiproxy_desktop.ui.images.canvas.canvas import Canvas
from aiproxy_desktop.ui.images.canvas.tools import TOOLS, Hovered
from aiproxy_desktop.ui.images.canvas.view_transform import LARGEST_ZOOM, SMALLEST_ZOOM
from aiproxy_desktop.ui.theme.controller import ThemeController
from tests.ui.canvas_parts import HEIGHT, NONE, WIDTH, Person, person, picture

__all__ = ["person"]

ALT, CTRL, SHIFT = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


# -- tools


def test_a_brush_paints_a_line_and_the_eraser_takes_away(person: Person, qtbot: QtBot) -> None:
    canvas = person.canvas
    canvas.set_brush_size(20)
    with qtbot.waitSignal(canvas.mask_changed):
        person.drag((100, 100), (400, 100))
    assert [person.value(x, 100) for x in (95, 100, 250, 400, 405)] == [255] * 5
    assert [person.value(250, y) for y in (85, 92, 108, 115)] == [0, 255, 255, 0]
    assert canvas.mask_box == QRect(90, 90, 320, 20)
    person.key(Qt.Key.Key_E)
    assert canvas.tool == "eraser"
    person.drag((250, 50), (250, 150))
    assert person.value(250, 100) == 0
    assert person.value(150, 100) == 255
    person.key(Qt.Key.Key_Z, CTRL)
    assert person.value(250, 100) == 255
    person.key(Qt.Key.Key_Z, CTRL)
    assert not canvas.has_mask
    assert canvas.can_redo
    person.key(Qt.Key.Key_Z, CTRL | SHIFT)
    assert canvas.has_mask


@pytest.mark.parametrize("way", ["alt", "ctrl", "right"])
def test_the_other_hand_of_the_brush_erases(person: Person, way: str) -> None:
    person.canvas.select_all()
    held = {"alt": ALT, "ctrl": CTRL}.get(way, NONE)
    button = Qt.MouseButton.RightButton if way == "right" else Qt.MouseButton.LeftButton
    person.drag((100, 100), (200, 100), held=held, button=button)
    assert person.value(150, 100) == 0
    assert person.value(400, 400) == 255


def test_shift_draws_straight_from_the_last_stroke(person: Person) -> None:
    person.canvas.set_brush_size(10)
    person.click(100, 100)
    person.click(300, 300, SHIFT)
    assert [person.value(at, at) for at in (100, 150, 200, 250, 300)] == [255] * 5


def test_a_rectangle_is_whole_pixels(person: Person) -> None:
    canvas = person.canvas
    person.key(Qt.Key.Key_R)
    person.drag((100, 120), (200, 160), (300, 220))
    assert canvas.mask_box == QRect(100, 120, 200, 100)
    assert canvas.masked_share == pytest.approx(200 * 100 / (WIDTH * HEIGHT), abs=0.005)
    person.drag((150, 140), (250, 200), held=ALT)
    assert person.value(200, 170) == 0
    assert person.value(120, 130) == 255


def test_a_rectangle_by_keys(person: Person) -> None:
    canvas = person.canvas
    canvas.set_tool("rectangle")
    person.key(Qt.Key.Key_Return)
    person.key(Qt.Key.Key_Right, SHIFT, times=2)
    person.key(Qt.Key.Key_Down)
    person.key(Qt.Key.Key_Return)
    assert canvas.mask_box == QRect(WIDTH // 4 + 20, HEIGHT // 4 + 1, WIDTH // 2, HEIGHT // 2)


def test_a_lasso_is_drawn_or_set_from_corner_to_corner(person: Person) -> None:
    canvas = person.canvas
    person.key(Qt.Key.Key_L)
    around = [(200 + 80 * math.cos(a / 8), 200 + 80 * math.sin(a / 8)) for a in range(51)]
    person.drag(*around)
    assert person.value(200, 200) == 255
    assert person.value(200, 290) == 0
    canvas.clear()
    for corner in ((100, 100), (400, 100), (400, 300)):
        person.click(*corner)
    assert not canvas.has_mask
    person.key(Qt.Key.Key_Return)
    assert person.value(350, 150) == 255
    assert person.value(150, 250) == 0
    person.click(50, 50)
    person.click(90, 50)
    person.key(Qt.Key.Key_Escape)
    person.key(Qt.Key.Key_Return)
    assert canvas.mask_box.left() == 100


def test_fill_takes_what_looks_alike_and_is_connected(person: Person, qtbot: QtBot) -> None:
    canvas = person.canvas
    person.key(Qt.Key.Key_G)
    green = QRect(WIDTH // 4, HEIGHT // 4, WIDTH // 4, HEIGHT // 4)
    with qtbot.waitSignal(canvas.mask_changed):
        person.click(green.center().x(), green.center().y())
    assert canvas.mask_box == green
    with qtbot.waitSignal(canvas.mask_changed):
        person.click(green.center().x(), green.center().y(), ALT)
    assert not canvas.has_mask


def test_fill_closes_an_outline(person: Person, qtbot: QtBot) -> None:
    canvas = person.canvas
    canvas.set_brush_size(12)
    person.drag((100, 100), (300, 100), (300, 300), (100, 300), (100, 100))
    assert person.value(200, 200) == 0
    canvas.set_tool("fill")
    canvas.set_fill("inside")
    with qtbot.waitSignal(canvas.mask_changed):
        person.click(200, 200)
    image = person.masked().crop((100, 100, 300, 300))
    assert min(image.tobytes()) == 255
    assert person.value(50, 50) == 0


def test_escape_leaves_a_stroke_and_nothing_of_it_stays(person: Person) -> None:
    canvas = person.canvas
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, NONE, person.at(100, 100))
    person.move_with(person.at(300, 300), Qt.MouseButton.LeftButton, NONE)
    assert canvas.has_mask
    person.key(Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, NONE, person.at(300, 300))
    assert canvas.masked_share == 0
    assert not canvas.can_undo


def test_invert_clear_and_all_can_be_undone(person: Person) -> None:
    canvas = person.canvas
    person.drag((100, 100), (200, 200))
    before = canvas.mask_image()
    canvas.invert()
    assert person.value(150, 150) == 0
    canvas.select_all()
    assert canvas.masked_share == 1.0
    canvas.clear()
    assert not canvas.has_mask
    for _ in range(3):
        canvas.undo()
    assert canvas.mask_image() == before
    other = QImage(WIDTH // 2, HEIGHT // 2, QImage.Format.Format_Grayscale8)
    other.fill(255)
    canvas.set_mask(other)
    assert canvas.masked_share == 1.0


def test_the_brush_by_keys(person: Person, qtbot: QtBot) -> None:
    canvas = person.canvas
    canvas.set_brush_size(20)
    with qtbot.waitSignal(canvas.brush_size_changed):
        person.key(Qt.Key.Key_BracketRight)
    assert canvas.brush_size == 24
    person.key(Qt.Key.Key_BracketLeft)
    assert canvas.brush_size == 20
    person.key(Qt.Key.Key_Return)
    person.key(Qt.Key.Key_Right, times=10)
    person.key(Qt.Key.Key_Return)
    assert person.value(WIDTH // 2, HEIGHT // 2) == 255
    assert person.value(WIDTH // 2 + 80, HEIGHT // 2) == 255
    assert person.value(WIDTH // 2 + 100, HEIGHT // 2) == 0
    assert canvas.can_undo


def test_a_pen_that_presses_lightly_draws_thinly(person: Person) -> None:
    canvas = person.canvas
    canvas.set_brush_size(80)
    device = QPointingDevice.primaryPointingDevice()
    button = Qt.MouseButton.LeftButton
    for kind, x, pressure in (
        (QEvent.Type.TabletPress, 100, 0.25),
        (QEvent.Type.TabletMove, 200, 0.25),
        (QEvent.Type.TabletMove, 400, 1.0),
        (QEvent.Type.TabletRelease, 400, 0.0),
    ):
        at = QPointF(person.at(x, 200))
        event = QTabletEvent(kind, device, at, at, pressure, 0, 0, 0, 0, 0, NONE, button, button)
        QApplication.sendEvent(canvas, event)
    assert [person.value(150, y) for y in (185, 195, 205, 215)] == [0, 255, 255, 0]
    assert [person.value(390, y) for y in (165, 235)] == [255, 255]
    canvas.undo()
    assert not canvas.has_mask


# -- frames


def test_a_crop_frame_by_mouse_and_keys(person: Person, qtbot: QtBot) -> None:
    canvas = person.canvas
    person.key(Qt.Key.Key_C)
    assert canvas.crop_box == QRect(0, 0, WIDTH, HEIGHT)
    person.drag((100, 100), (200, 200), (301, 251))
    box = canvas.crop_box
    assert (box.left(), box.top()) == (100, 100)
    person.drag((box.left() + box.width(), 150), (500, 150))  # the right edge
    assert canvas.crop_box.left() + canvas.crop_box.width() == 500
    person.key(Qt.Key.Key_H)
    canvas.set_crop_box(QRect(50, 60, 100, 80))
    for _ in range(2):
        person.key(Qt.Key.Key_H, SHIFT)
    with qtbot.waitSignal(canvas.crop_wanted) as told:
        person.key(Qt.Key.Key_Return)
    assert told.args == [QRect(50, 60, 100, 80)]
    person.key(Qt.Key.Key_Escape)
    assert canvas.crop_box == QRect(0, 0, WIDTH, HEIGHT)


def test_an_extend_frame_grows_outwards_alone(person: Person, qtbot: QtBot) -> None:
    canvas = person.canvas
    person.key(Qt.Key.Key_X)
    canvas.set_extend_margins(10, -5, 0, 20)
    assert canvas.extend_margins == (10, 0, 0, 20)
    person.drag((WIDTH, HEIGHT / 2), (WIDTH + 40, HEIGHT / 2))
    assert canvas.extend_margins == (10, 0, 40, 20)
    person.key(Qt.Key.Key_Left, SHIFT, times=9)
    assert canvas.extend_margins == (10, 0, 0, 20)
    with qtbot.waitSignal(canvas.extend_wanted) as told:
        person.key(Qt.Key.Key_Return)
    assert told.args == [10, 0, 0, 20]


# -- zoom


def wheel(canvas: Canvas, at: QPointF, turned: int, held: Qt.KeyboardModifier) -> None:
    there = QPointF(canvas.mapToGlobal(at.toPoint()))
    turn, phase = QPoint(0, turned), Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(at, there, QPoint(), turn, Qt.MouseButton.NoButton, held, phase, False)
    QApplication.sendEvent(canvas, event)


def test_zoom_keeps_the_pixel_under_the_pointer(person: Person) -> None:
    canvas, chance = person.canvas, random.Random(5)
    for _ in range(80):
        seen = QPointF(chance.uniform(300, 500), chance.uniform(200, 400))
        before = canvas.stage.to_picture(seen)
        wheel(canvas, seen, chance.choice((120, -120, 360, -240)), CTRL)
        after = canvas.stage.to_picture(seen)
        if canvas.stage.view.picture_rect.contains(before.toPoint()):
            apart = (after - before) * canvas.zoom
            assert abs(apart.x()) <= 1
            assert abs(apart.y()) <= 1
        assert SMALLEST_ZOOM <= canvas.zoom <= LARGEST_ZOOM


def test_the_wheel_scrolls_and_ctrl_zooms(person: Person, qtbot: QtBot) -> None:
    canvas = person.canvas
    top = canvas.stage.view.top
    wheel(canvas, QPointF(400, 300), -120, NONE)
    assert canvas.stage.view.top < top
    left = canvas.stage.view.left
    wheel(canvas, QPointF(400, 300), -120, SHIFT)
    assert canvas.stage.view.left < left
    with qtbot.waitSignal(canvas.zoom_changed):
        wheel(canvas, QPointF(400, 300), 120, CTRL)
    assert canvas.zoom > 1
    size = canvas.brush_size
    wheel(canvas, QPointF(400, 300), 120, ALT)
    assert canvas.brush_size > size
    wheel(canvas, QPointF(400, 300), -600, CTRL)
    assert canvas.zoom == 1.0  # on the way past it
    person.key(Qt.Key.Key_Plus, CTRL)
    assert canvas.zoom == 1.5
    person.key(Qt.Key.Key_0, CTRL)
    assert canvas.fitting
    person.key(Qt.Key.Key_1)
    assert canvas.zoom == 1.0


def test_two_fingers_zoom(person: Person) -> None:
    canvas = person.canvas
    device, at = QPointingDevice.primaryPointingDevice(), QPointF(400, 300)
    kind = Qt.NativeGestureType.ZoomNativeGesture
    event = QNativeGestureEvent(kind, device, 2, at, at, at, 0.5, QPointF())
    QApplication.sendEvent(canvas, event)
    assert canvas.zoom == pytest.approx(1.5)


def test_space_and_the_middle_button_move_the_picture(person: Person) -> None:
    canvas = person.canvas
    before = QPoint(canvas.stage.view.left, canvas.stage.view.top)
    person.drag((300, 200), (320, 230), button=Qt.MouseButton.MiddleButton)
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    person.drag((300, 200), (310, 205))
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert QPoint(canvas.stage.view.left, canvas.stage.view.top) - before == QPoint(30, 35)
    assert not canvas.has_mask
    person.drag((300, 200), (310, 205))
    assert canvas.has_mask


def test_a_fitted_picture_stays_fitted(person: Person, qtbot: QtBot) -> None:
    canvas = person.canvas
    canvas.fit()
    canvas.resize(500, 700)
    qtbot.waitUntil(lambda: canvas.stage.room == QSize(500, 700))
    assert canvas.zoom == pytest.approx((500 - 32) / WIDTH)


# -- what is drawn


def test_pixels_are_sharp_squares_with_a_grid_from_near(person: Person) -> None:
    canvas = person.canvas
    edge = WIDTH // 4
    canvas.set_zoom(16.0)
    canvas.stage.look_from(canvas.stage.view.revealing(QPointF(edge, HEIGHT // 4 + 10), 200))
    inside, outside = person.seen(edge + 0.5, HEIGHT // 4 + 10.5), person.seen(edge - 0.5, HEIGHT // 4 + 10.5)
    assert inside == QColor(20, 160, 60)
    assert outside == QColor(120, 120, 120)
    assert person.seen(edge - 3, HEIGHT // 4 + 10.5) != outside
    canvas.set_zoom(4.0)
    assert person.seen(edge - 3, HEIGHT // 4 + 10.5) == outside


def test_the_mask_is_seen_in_its_colour_with_an_outline(person: Person) -> None:
    canvas = person.canvas
    canvas.set_tool("rectangle")
    person.drag((100, 300), (300, 400))
    inside = person.seen(200, 350)
    assert inside.red() > inside.green() + 50
    line = [person.seen(200 + step, 299).lightness() for step in range(12)]
    assert max(line) == 255  # white dashes
    assert min(line) < 60  # on dark
    canvas.set_mask_colour(QColor(0, 0, 255))
    inside = person.seen(200, 350)
    assert inside.blue() > inside.red() + 50
    canvas.set_show_mask(False)
    assert person.seen(200, 350) == QColor(120, 120, 120)
    line = [person.seen(200 + step, 299).lightness() for step in range(12)]
    assert max(line) == 255  # where it is is still told
    assert min(line) < 60


def test_what_is_protected_is_dimmed_and_hatched(person: Person) -> None:
    canvas = person.canvas
    canvas.set_tool("rectangle")
    person.drag((100, 300), (300, 400))
    canvas.set_show_mask(False)
    canvas.set_show_protected(True)
    assert person.seen(200, 350) == QColor(120, 120, 120)
    outside = {person.seen(500 + step, 350).lightness() for step in range(12)}
    assert min(outside) < 100
    assert len(outside) > 1


@pytest.mark.parametrize("zoom", [0.4, 1.0, 3.0, 9.0])
def test_what_strokes_drew_is_what_would_be_drawn_anew(person: Person, zoom: float) -> None:
    canvas, chance = person.canvas, random.Random(3)
    canvas.set_zoom(zoom)
    middle = QPointF(400, 300)
    for number in range(6):
        canvas.set_brush_size(round(chance.choice((30, 150, 320)) / zoom))
        places = []
        for step in range(25):
            turn = QPointF(math.cos(step / 9 + number), math.sin(step / 7)) * (40 + 30 * number)
            place = canvas.stage.to_picture(middle + turn)
            places.append((place.x(), place.y()))
        person.drag(*places, held=ALT if number % 3 == 2 else NONE)
        canvas.grab()
    canvas.stage.look_from(canvas.stage.view.panned(-37, 21))
    drawn = canvas.stage.layer().copy()
    canvas.stage.spoil_all()
    assert canvas.stage.layer() == drawn


def test_a_preview_gives_way_without_a_jump(person: Person, qtbot: QtBot) -> None:
    canvas = person.canvas
    whole = picture(1600, 1200)
    canvas.show_preview(picture(160, 120), whole.size())
    canvas.set_zoom(0.7)
    person.drag((400, 400), (800, 800))
    view, masked = canvas.stage.view, canvas.mask_image()
    before = person.seen(600, 400)
    canvas.show_image(whole)
    qtbot.waitUntil(lambda: canvas.stage.after is not None and canvas.stage.after.complete, timeout=60_000)
    assert canvas.stage.view == view
    assert canvas.mask_image() == masked
    assert person.seen(600, 400) == before
    canvas.show_image(picture(1600, 1200), keep_view=True)
    assert canvas.mask_image() == masked
    canvas.show_image(picture(1600, 1200))
    assert not canvas.has_mask


def test_nothing_is_mirrored_where_text_runs_leftwards(person: Person, qapp: QApplication) -> None:
    before = person.canvas.grab().toImage()
    person.canvas.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert person.canvas.grab().toImage() == before


def test_a_canvas_that_is_gone_is_gone(qtbot: QtBot, qapp: QApplication) -> None:
    canvas = Canvas(ThemeController(qapp, "light"))
    canvas.resize(400, 300)
    canvas.show()
    canvas.show_image(picture(1600, 1200))
    canvas.set_feather(20)
    canvas.select_all()
    gone = weakref.ref(canvas)
    canvas.close()
    canvas.deleteLater()
    del canvas
    # Also while its levels are still being made.
    qtbot.waitUntil(lambda: gc.collect() >= 0 and gone() is None, timeout=60_000)


# -- what is said


def test_a_screen_reader_hears_what_there_is(person: Person) -> None:
    canvas = person.canvas
    assert canvas.objectName() == "images.canvas"
    assert "lamp.png" in canvas.accessibleName()
    read = QAccessible.queryAccessibleInterface(canvas)
    assert (read.role(), read.text(QAccessible.Text.Name)) == (
        QAccessible.Role.Canvas,
        canvas.accessibleName(),
    )
    assert "640 by 480" in canvas.accessibleDescription()
    canvas.set_tool("rectangle")
    person.drag((0, 0), (WIDTH / 2, HEIGHT))
    assert "50 %" in canvas.accessibleDescription()
    assert "Rectangle" in canvas.accessibleDescription()
    canvas.show_image(None)
    assert "no picture" in canvas.accessibleDescription()


def test_the_pixel_under_the_pointer_is_told(person: Person, qtbot: QtBot) -> None:
    with qtbot.waitSignal(person.canvas.hovered) as told:
        QTest.mouseMove(person.canvas, person.at(WIDTH / 4 + 5, HEIGHT / 4 + 5))
    assert told.args == [Hovered(QPoint(WIDTH // 4 + 5, HEIGHT // 4 + 5), QColor(20, 160, 60))]


def test_an_empty_canvas_takes_no_harm(person: Person) -> None:
    canvas = person.canvas
    canvas.show_image(None)
    for tool in TOOLS:
        canvas.set_tool(tool)
        person.drag((10, 10), (50, 50))
        person.key(Qt.Key.Key_Return)
        person.key(Qt.Key.Key_Right)
    for act in (
        canvas.undo,
        canvas.redo,
        canvas.invert,
        canvas.clear,
        canvas.select_all,
        canvas.fit,
        canvas.zoom_in,
    ):
        act()
    assert canvas.mask_image().isNull()
    assert not canvas.grab().isNull()
