"""The bar above the canvas: what the tool in hand can be set to, the mask, undo, zoom."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QWidget

from aiproxy_desktop.ui.images.edit.brush import BRUSH_STEPS, MOST_BRUSH, brush_at, step_of
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label, set_tooltip
from aiproxy_desktop.ui.widgets.menu import Entry, menu_of
from aiproxy_desktop.ui.widgets.painting import margins
from aiproxy_desktop.ui.widgets.select import Select
from aiproxy_desktop.ui.widgets.slider import Slider

_HEIGHT = 44
_ROW = 36
_MOST_FEATHER = 100
_MOST_TOLERANCE = 255


class OptionBar(QFrame):
    """Its widgets say what is wished; the room does it.

    Signals:
        brush_wanted(int), feather_wanted(int): pixels of the picture.
        fill_wanted(str, int): how the fill tool chooses, and how far a channel may differ.
        zoom_wanted(str): `fit`, `in`, `out`, or percent.
        undo_wanted(), redo_wanted().
        framed(bool): whether the frame of crop or extend is to be applied, or left.
    """

    brush_wanted = Signal(int)
    feather_wanted = Signal(int)
    fill_wanted = Signal(str, int)
    zoom_wanted = Signal(str)
    undo_wanted = Signal()
    redo_wanted = Signal()
    framed = Signal(bool)

    def __init__(
        self,
        themes: ThemeController,
        mask_entries: Callable[[], Sequence[Entry]],
        parent: QWidget | None = None,
    ) -> None:
        """Build it.

        Args:
            themes: to paint with.
            mask_entries: what the menu of the mask offers now.
            parent: of the widget.
        """
        super().__init__(parent)
        self.setObjectName("images.options")
        self.setProperty("layer", "surface")
        self.setProperty("edge", "bottom")
        self._mask_entries = mask_entries
        self.brush = Slider(themes, name="images.brushSize", accessible_name=tr("Brush size"))
        self.brush.setRange(0, BRUSH_STEPS)
        self.brush.setPageStep(BRUSH_STEPS // 20)
        self._brush_size = Label("", "body", tabular=True)
        self.tolerance = Slider(themes, name="images.tolerance", accessible_name=tr("Tolerance"))
        self.tolerance.setRange(0, _MOST_TOLERANCE)
        self._tolerance_size = Label("", "body", tabular=True)
        self.filling = Select(
            themes, "", _fillings(), name="images.filling", kind="quiet", accessible_name=tr("What is filled")
        )
        self.feather = Slider(themes, name="images.feather", accessible_name=tr("Feather"))
        self.feather.setRange(0, _MOST_FEATHER)
        self._feather_size = Label("", "body", tabular=True)
        self.mask_button = Button(themes, tr("Mask"), name="images.mask", kind="quiet", chevron=True)
        self.undo = Button(themes, tr("Undo"), name="images.undo", kind="quiet", icon="undo")
        self.redo = Button(themes, tr("Redo"), name="images.redo", kind="quiet", icon="redo")
        self.zoom = Button(themes, tr("Fit"), name="images.zoom", kind="quiet", chevron=True)
        self.apply = Button(themes, tr("Crop"), name="images.applyFrame", kind="primary")
        self.leave = Button(themes, tr("Cancel"), name="images.leaveFrame", kind="quiet")
        self._frame_facts = Label("", "body", "secondary", tabular=True)
        self._settings = self._painting()
        self._acts = _row(self.mask_button, None, self.undo, self.redo)
        self._framing = _row(None, self.leave, self.apply)
        self._words = {one: one.text() for one in (self.undo, self.redo)}
        self._narrow = False
        self._rows = QGridLayout(self)
        self._rows.setContentsMargins(margins(16, 0, 8, 0))
        self._rows.setHorizontalSpacing(8)
        self._rows.setVerticalSpacing(0)
        self._place()
        self._follow()

    def _painting(self) -> QWidget:
        parts: list[QWidget] = []
        for words, slider, size, most in (
            (tr("Brush size"), self.brush, self._brush_size, MOST_BRUSH),
            (tr("Tolerance"), self.tolerance, self._tolerance_size, _MOST_TOLERANCE),
            (tr("Feather"), self.feather, self._feather_size, _MOST_FEATHER),
        ):
            label = Label(words, "body", "secondary")
            label.setBuddy(slider)
            slider.setMinimumWidth(56)
            slider.setMaximumWidth(112)
            widest = f"{_MOST_TOLERANCE}" if slider is self.tolerance else _pixels(most)
            size.setMinimumWidth(size.fontMetrics().horizontalAdvance(widest))
            parts += [label, slider, size]
        self._brush_parts = parts[:3]
        self._fill_parts = [*parts[3:6], self.filling]
        parts.insert(6, self.filling)
        return _row(*parts, None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where one row has no room for every word, undo and redo are icons; then come two rows."""
        both, metrics = (self.undo, self.redo), self.undo.fontMetrics()
        fixed = (self._settings.minimumSizeHint(), self.mask_button.sizeHint(), self.zoom.sizeHint())
        least = sum(size.width() for size in fixed) + sum(one.height() for one in both) + 24 + 5 * 8
        # What a word adds to its icon.
        words = sum(metrics.horizontalAdvance(self._words[one]) + 18 for one in both)
        bare, narrow = self.width() < least + words, self.width() < least
        for one in both:
            if bool(one.text()) == bare:
                one.set_label("" if bare else self._words[one])
                set_tooltip(one, self._words[one] if bare else "")
                one.updateGeometry()
        if narrow != self._narrow:
            self._narrow = narrow
            self._place()

    def _place(self) -> None:
        for part in (self._settings, self._frame_facts, self._acts, self._framing, self.zoom):
            self._rows.removeWidget(part)
        at = (1, 0, 2) if self._narrow else (0, 1, 2)
        first = (0, 0, 1, 3) if self._narrow else (0, 0, 1, 1)
        self._rows.addWidget(self._settings, *first)
        self._rows.addWidget(self._frame_facts, *first)
        self._rows.addWidget(self._acts, at[0], at[1], 1, at[2] - at[1])
        self._rows.addWidget(self._framing, at[0], at[1], 1, at[2] - at[1])
        self._rows.addWidget(self.zoom, at[0], at[2])
        self._rows.setColumnStretch(1, 1)
        self.setFixedHeight(2 * _ROW + 8 if self._narrow else _HEIGHT)

    def _follow(self) -> None:
        self.brush.valueChanged.connect(lambda step: self.brush_wanted.emit(brush_at(step)))
        self.tolerance.valueChanged.connect(lambda value: self.fill_wanted.emit(self.filling.value, value))
        self.filling.chosen.connect(lambda mode: self.fill_wanted.emit(mode, self.tolerance.value()))
        self.feather.valueChanged.connect(self.feather_wanted)
        self.undo.clicked.connect(self.undo_wanted)
        self.redo.clicked.connect(self.redo_wanted)
        self.mask_button.clicked.connect(self.open_mask_menu)
        self.zoom.clicked.connect(self.open_zoom_menu)
        self.apply.clicked.connect(lambda: self.framed.emit(True))
        self.leave.clicked.connect(lambda: self.framed.emit(False))

    def show_brush(self, size: int) -> None:
        """Say how wide the brush is, in pixels of the picture."""
        self._brush_size.setText(_pixels(size))
        if brush_at(self.brush.value()) != size:
            self.brush.blockSignals(True)
            self.brush.setValue(step_of(size))
            self.brush.blockSignals(False)
            self.brush.update()

    def show_feather(self, size: int) -> None:
        """Say how soft the mask's edge is."""
        self._feather_size.setText(_pixels(size))
        self.feather.blockSignals(True)
        self.feather.setValue(size)
        self.feather.blockSignals(False)
        self.feather.update()

    def show_fill(self, mode: str, tolerance: int) -> None:
        """Say what the fill tool takes: how, and how far a channel may differ."""
        self.filling.set_value(mode)
        self._tolerance_size.setText(str(tolerance))
        self.tolerance.blockSignals(True)
        self.tolerance.setValue(tolerance)
        self.tolerance.blockSignals(False)
        self.tolerance.update()

    def show_undo(self, *, can_undo: bool, can_redo: bool) -> None:
        """What can be taken back, and done again."""
        self.undo.setEnabled(can_undo)
        self.redo.setEnabled(can_redo)

    def show_zoom(self, zoom: float, *, fits: bool) -> None:
        """Say how large the picture is shown: 1.0 is one pixel of it on one of the screen."""
        percent = f"{zoom * 100:.0f}"
        words = tr("Fit, {percent} %", percent=percent) if fits else tr("{percent} %", percent=percent)
        self.zoom.set_label(words)
        self.zoom.updateGeometry()
        self._fit()

    def show_no_zoom(self) -> None:
        """There is nothing to zoom."""
        self.zoom.set_label(tr("Fit"))
        self.zoom.updateGeometry()

    def show_tool(self, tool: str) -> None:
        """The brush's settings, or those of a frame."""
        framing = tool in {"crop", "extend"}
        for part in (self._settings, self._acts):
            part.setVisible(not framing)
        for part in (self._frame_facts, self._framing):
            part.setVisible(framing)
        if framing:
            self.apply.set_label(tr("Crop") if tool == "crop" else tr("Extend"))
            self.apply.updateGeometry()
        for group, there in ((self._fill_parts, tool == "fill"), (self._brush_parts, tool != "fill")):
            for part in group:
                part.setVisible(there)
        brushes = tool in {"brush", "eraser"}
        self.brush.setEnabled(brushes)
        self._brush_size.set_tone("text" if brushes else "disabled")
        self._fit()

    def show_frame(self, text: str, *, applies: bool) -> None:
        """Say what the frame comes to, and whether it changes anything."""
        self._frame_facts.setText(text)
        self.apply.setEnabled(applies)

    def open_mask_menu(self) -> None:
        """Choose what to do with the mask."""
        menu_of(self._mask_entries(), self, name="images.mask.menu").popup(_below(self.mask_button))

    def open_zoom_menu(self) -> None:
        """Choose how large the picture is shown."""
        entries = [
            Entry("fit", tr("Fit"), lambda: self.zoom_wanted.emit("fit"), "Ctrl+0"),
            Entry("100", tr("100 %"), lambda: self.zoom_wanted.emit("100"), "Ctrl+Shift+0"),
            Entry("line"),
            Entry("in", tr("Zoom in"), lambda: self.zoom_wanted.emit("in"), "Ctrl++"),
            Entry("out", tr("Zoom out"), lambda: self.zoom_wanted.emit("out"), "Ctrl+-"),
            Entry("line2"),
            *(
                Entry(str(percent), tr("{percent} %", percent=percent), self._zooms_to(percent))
                for percent in (25, 50, 200, 400, 800, 1600)
            ),
        ]
        menu_of(entries, self, name="images.zoom.menu").popup(_below(self.zoom))

    def _zooms_to(self, percent: int) -> Callable[[], None]:
        return lambda: self.zoom_wanted.emit(str(percent))


def _fillings() -> tuple[tuple[str, str], ...]:
    return (
        ("colour", tr("Connected")),
        ("similar", tr("Everywhere")),
        ("inside", tr("Inside an outline")),
    )


def _pixels(count: int) -> str:
    return tr("{count} px", count=count)


def _row(*parts: QWidget | None) -> QWidget:
    """Side by side; None takes what room is left."""
    widget = QWidget()
    row = QHBoxLayout(widget)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    for part in parts:
        if part is None:
            row.addStretch(1)
        else:
            row.addWidget(part)
    return widget


def _below(button: QWidget) -> QPoint:
    return button.mapToGlobal(QPoint(0, button.height() + 4))
