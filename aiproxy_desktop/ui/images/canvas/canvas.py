"""The canvas: shows a picture, and lets a person paint over what may change."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from aiproxy_desktop.ui.images.canvas.tools import (
    LARGEST_BRUSH,
    SMALLEST_BRUSH,
    CompareMode,
    FillMode,
    Tool,
)
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr


class Canvas(QWidget):
    """A picture with its mask, zoomed and painted on. Everything is in pixels of the picture.

    Signals:
        tool_changed: the tool in use.
        brush_size_changed: its width in pixels of the picture.
        zoom_changed: device pixels for each pixel of the picture, 1.0 is 100 %.
        view_changed: zoom or place.
        mask_changed: after a stroke, or any other change of the mask.
        undo_changed: `can_undo` or `can_redo`.
        crop_wanted: the part to keep (Enter or double click with the crop tool).
        extend_wanted: pixels to add at the left, top, right and bottom.
        hovered: a `Hovered`, or None when the pointer has left the picture.
        frame_changed: `crop_box` or `extend_margins`.
        difference_found: a `Difference`, after comparing.
        busy_changed: whether something is being worked out (a fill, a comparison).
    """

    tool_changed = Signal(str)
    brush_size_changed = Signal(int)
    zoom_changed = Signal(float)
    view_changed = Signal()
    mask_changed = Signal()
    undo_changed = Signal()
    crop_wanted = Signal(QRect)
    extend_wanted = Signal(int, int, int, int)
    hovered = Signal(object)
    frame_changed = Signal()
    difference_found = Signal(object)
    busy_changed = Signal(bool)

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._image = QImage()
        self._mask = QImage()
        self._tool: Tool = "brush"
        self._brush_size = 96
        self.setObjectName("images.canvas")
        self.setAccessibleName(tr("Picture"))

    # -- the picture

    @property
    def has_image(self) -> bool:
        """Whether there is a picture."""
        return not self._image.isNull()

    @property
    def image_size(self) -> QSize:
        """Of the picture, in pixels; empty without one."""
        return self._image.size()

    def show_image(self, image: QImage | None, *, name: str = "", keep_view: bool = False) -> None:
        """Show a picture; None empties the canvas.

        Args:
            image: taken as it is, never changed. Format_RGB32 and Format_ARGB32_Premultiplied are drawn
                without a conversion.
            name: said to screen readers.
            keep_view: leave zoom, place, mask and undo as they are where the size is the same.
        """
        del name, keep_view
        self._image = QImage() if image is None else image
        self._mask = QImage(self._image.size(), QImage.Format.Format_Grayscale8)
        self._mask.fill(0)
        self.update()

    def show_preview(self, preview: QImage, full_size: QSize) -> None:
        """Show a small version until `show_image` brings the picture itself, which must be of `full_size`."""
        self.show_image(preview.scaled(full_size))

    # -- tools

    @property
    def tool(self) -> Tool:
        """The tool in use."""
        return self._tool

    def set_tool(self, tool: Tool) -> None:
        """Use another; what was half made with the last one is dropped."""
        if tool != self._tool:
            self._tool = tool
            self.tool_changed.emit(tool)

    @property
    def brush_size(self) -> int:
        """Width of brush and eraser, 1 to 1000 pixels of the picture."""
        return self._brush_size

    def set_brush_size(self, size: int) -> None:
        """Set it; what is out of bounds becomes the nearest bound."""
        size = min(max(size, SMALLEST_BRUSH), LARGEST_BRUSH)
        if size != self._brush_size:
            self._brush_size = size
            self.brush_size_changed.emit(size)

    def set_fill(self, mode: FillMode, tolerance: int = 32) -> None:
        """How the fill tool chooses.

        Args:
            mode: `colour` takes what is like the pixel clicked and connected with it, `similar` also what is
                not connected, `inside` what the outline drawn around the click encloses.
            tolerance: how far a channel may differ, 0-255.
        """

    # -- zoom

    @property
    def zoom(self) -> float:
        """Device pixels for each pixel of the picture."""
        return 1.0

    @property
    def fitting(self) -> bool:
        """Whether the picture is kept as large as the canvas allows."""
        return True

    def set_zoom(self, zoom: float) -> None:
        """Zoom about the middle of what is seen."""

    def zoom_in(self) -> None:
        """One step closer."""

    def zoom_out(self) -> None:
        """One step away."""

    def fit(self) -> None:
        """All of the picture, and again whenever the canvas changes its size."""

    def actual_size(self) -> None:
        """100 %."""

    # -- the mask

    @property
    def has_mask(self) -> bool:
        """Whether anything is masked."""
        return False

    @property
    def mask_box(self) -> QRect:
        """The smallest rectangle around what is masked; empty where nothing is."""
        return QRect()

    @property
    def masked_share(self) -> float:
        """How much of the picture is masked, 0 to 1."""
        return 0.0

    @property
    def can_undo(self) -> bool:
        """Whether there is a change of the mask to take back."""
        return False

    @property
    def can_redo(self) -> bool:
        """Whether there is one to make again."""
        return False

    def mask_image(self) -> QImage:
        """A copy of the mask: Format_Grayscale8, of the picture's size, 255 may change; null without one."""
        return self._mask.copy()

    def set_mask(self, mask: QImage) -> None:
        """Put another in its place; can be undone.

        Args:
            mask: of any format; its grey (of Format_Alpha8 its alpha) is taken. Of another size it is scaled.
        """
        self._mask = mask.convertToFormat(QImage.Format.Format_Grayscale8)
        self.mask_changed.emit()

    def invert(self) -> None:
        """Mask what was not, and the other way round."""

    def clear(self) -> None:
        """Mask nothing."""

    def select_all(self) -> None:
        """Mask everything."""

    def undo(self) -> None:
        """Take the last change of the mask back."""

    def redo(self) -> None:
        """Make it again."""

    def set_feather(self, pixels: float) -> None:
        """Show the soft edge that a run will give the mask; the mask itself stays as it is."""

    def set_mask_colour(self, colour: QColor) -> None:
        """What the mask is shown in; half of it is seen through."""

    def set_show_mask(self, shown: bool) -> None:
        """Hide the mask, or show it again. Painting shows it."""

    def set_show_protected(self, shown: bool) -> None:
        """Dim and hatch what a run leaves exactly as it is."""

    # -- frames

    @property
    def crop_box(self) -> QRect:
        """What the crop tool would keep."""
        return QRect()

    @property
    def extend_margins(self) -> tuple[int, int, int, int]:
        """What the extend tool would add at the left, top, right and bottom."""
        return (0, 0, 0, 0)

    def set_crop_box(self, box: QRect) -> None:
        """Move the frame; it stays within the picture."""

    def set_extend_margins(self, left: int, top: int, right: int, bottom: int) -> None:
        """Move the frame; what is below 0 becomes 0."""

    # -- comparing

    @property
    def compare_mode(self) -> CompareMode:
        """How the picture is compared."""
        return "off"

    def set_compare(
        self, before: QImage | None, mode: CompareMode, *, before_name: str = "", after_name: str = ""
    ) -> None:
        """Show the picture beside an earlier one.

        Args:
            before: the earlier picture; of another size it is shown in the same extent. None ends comparing.
            mode: `slider`, `side_by_side`, `difference` or `off`.
            before_name: what stands on its side; "Before" if empty.
            after_name: what stands on the picture's side; "After" if empty.
        """

    def set_difference(self, image: QImage | None) -> None:
        """Show this picture for the difference, instead of working it out."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(self._themes.theme.surface_sunken))
        if self.has_image:
            size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            box = QRect(0, 0, size.width(), size.height())
            box.moveCenter(self.rect().center())
            painter.drawImage(box, self._image)
