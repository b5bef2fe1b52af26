"""Where the keys lead in the grid."""

from __future__ import annotations

from PySide6.QtCore import Qt

from aiproxy_desktop.ui.images.gallery.geometry import Cells


def target(key: Qt.Key, place: int, top: int, cells: Cells, height: int) -> int | None:
    """The cell that a key leads to; None for a key that leads nowhere.

    Args:
        key: that was pressed.
        place: where the keys are; -1 where nowhere yet.
        top: the first cell in sight.
        cells: at least one.
        height: of what is in sight, pixels.
    """
    columns, last = cells.columns, cells.count - 1
    page = max(height // cells.step, 1) * columns
    onwards = -1 if cells.leftwards else 1
    steps = {
        Qt.Key.Key_Left: -onwards,
        Qt.Key.Key_Right: onwards,
        Qt.Key.Key_Up: -columns,
        Qt.Key.Key_Down: columns,
        Qt.Key.Key_PageUp: -page,
        Qt.Key.Key_PageDown: page,
    }
    if key == Qt.Key.Key_Home:
        return 0
    if key == Qt.Key.Key_End:
        return last
    if key not in steps:
        return None
    if place < 0:
        return max(top, 0)
    wanted = place + steps[key]
    if key in {Qt.Key.Key_Up, Qt.Key.Key_Down} and not 0 <= wanted <= last:
        # From the line before a short last one, Down reaches its last image.
        on_last = place // columns == last // columns
        return last if wanted > last and not on_last else place
    return min(max(wanted, 0), last)
