"""Where in a large picture one is, and getting elsewhere in the middle of a stroke."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest

from aiproxy_desktop.ui.images.canvas.place import place_bars
from tests.ui.canvas_parts import LEFT, NONE, WIDTH, Person, person
from tests.waiting import until

__all__ = ["person"]


async def test_a_stroke_that_leaves_the_view_takes_it_along(person: Person) -> None:
    canvas = person.canvas
    canvas.set_zoom(4.0)
    canvas.set_brush_size(10)
    bars = place_bars(canvas.stage.view, canvas.stage.ratio)
    QTest.mousePress(canvas, LEFT, NONE, QPoint(400, 300))
    person.move_with(QPoint(canvas.width() + 40, 300), LEFT, NONE)
    await until(lambda: canvas.stage.view.placed.right() <= canvas.stage.room.width() + 1)
    QTest.mouseRelease(canvas, LEFT, NONE, QPoint(canvas.width() + 40, 300))
    assert canvas.mask_box.right() == WIDTH - 1  # painted to the picture's edge, and no further
    assert canvas.stage.view.placed.right() >= canvas.stage.room.width() - 1
    below, right = place_bars(canvas.stage.view, canvas.stage.ratio)
    assert below.left() > bars[0].left()
    assert right.top() == bars[1].top()
    canvas.fit()
    assert not place_bars(canvas.stage.view, canvas.stage.ratio)
