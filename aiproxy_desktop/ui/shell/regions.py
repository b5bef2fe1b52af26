"""F6 and Shift+F6: from one region of the window to the next."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from aiproxy_desktop.ui.widgets.focus import focused_widget, has_focus_inside, tab_stops


def _entry(region: QWidget) -> QWidget | None:
    """Where the focus lands: where it was last in this region, else at its first stop."""
    if region.focusPolicy() & Qt.FocusPolicy.TabFocus and region.isEnabled():
        return region
    stops = tab_stops(region)
    last = region.focusWidget()
    return last if last in stops else next(iter(stops), None)


def focus_next_region(regions: Sequence[QWidget], step: int) -> None:
    """Move the focus `step` regions on, over those that cannot take it, round and round."""
    shown = [region for region in regions if region.isVisible()]
    inside = next((index for index, region in enumerate(shown) if has_focus_inside(region)), None)
    start = inside if inside is not None else (-1 if step > 0 else 0)
    for offset in range(1, len(shown) + 1):
        target = _entry(shown[(start + step * offset) % len(shown)])
        if target is not None and target is not focused_widget():
            target.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return
