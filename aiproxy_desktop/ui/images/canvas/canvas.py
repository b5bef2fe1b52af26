"""The canvas: shows a picture, and lets a person paint over what may change."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF, QRect, QSize, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent
from PySide6.QtWidgets import QWidget

from aiproxy_desktop.ui.chat.transcript.images.background import Background
from aiproxy_desktop.ui.images.canvas.feathering import Feathering
from aiproxy_desktop.ui.images.canvas.hands.brush import BrushHand
from aiproxy_desktop.ui.images.canvas.keys import Keys
from aiproxy_desktop.ui.images.canvas.mask.model import MaskModel
from aiproxy_desktop.ui.images.canvas.pictures import Pictures
from aiproxy_desktop.ui.images.canvas.stage import EXTENDING_MARGIN, FIT_MARGIN
from aiproxy_desktop.ui.images.canvas.surface import Surface
from aiproxy_desktop.ui.images.canvas.tools import (
    LARGEST_BRUSH,
    SMALLEST_BRUSH,
    CompareMode,
    Difference,
    FillMode,
    Tool,
    next_brush_size,
)
from aiproxy_desktop.ui.images.canvas.view_transform import next_zoom
from aiproxy_desktop.ui.images.canvas.words import compare_sentence, described, share_words
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import Theme
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.announcing import announce


class Canvas(Surface):
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
        fill_changed: `fill_mode` or `tolerance`.
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
    frame_changed = Signal()
    difference_found = Signal(object)
    fill_changed = Signal()
    busy_changed = Signal(bool)

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        """It needs nothing but the look; whoever shows it hands it pictures.

        Args:
            themes: the look.
            parent: as ever.
        """
        background = Background("canvas")
        super().__init__(themes, background, parent)
        background.setParent(self)
        self.destroyed.connect(background.close)
        self._name = ""
        self._tool: Tool = "brush"
        self._zoom = 0.0
        self._colour: QColor | None = None
        self._previewing = False
        self._before_key = 0
        self._feathering = Feathering(background, self)
        self._pictures = Pictures(self.stage, background, self)
        self._keys = Keys(self, self._pointer, self._comparing)
        self._connect()
        self.setObjectName("images.canvas")
        self._describe()

    def _connect(self) -> None:
        desk = self._desk
        self.stage.moved.connect(self._moved)
        self.stage.divided.connect(self._describe)
        desk.crop_wanted.connect(self.crop_wanted)
        desk.extend_wanted.connect(self.extend_wanted)
        desk.frame_changed.connect(self.frame_changed)
        desk.busy_changed.connect(self.busy_changed)
        desk.said.connect(self._say)
        desk.brush_stepped.connect(self._step_brush)
        self._feathering.made.connect(self.stage.set_soft)
        self._pictures.completed.connect(self._pictures_completed)
        self._pictures.difference_found.connect(self._difference_found)
        self._pictures.busy_changed.connect(self.busy_changed)
        self._themes.changed.connect(self._theme_changed)

    # -- the picture

    @property
    def has_image(self) -> bool:
        """Whether there is a picture."""
        return self.stage.after is not None

    @property
    def image_size(self) -> QSize:
        """Of the picture, in pixels; empty without one."""
        return QSize(self.stage.view.picture) if self.has_image else QSize()

    def show_image(self, image: QImage | None, *, name: str = "", keep_view: bool = False) -> None:
        """Show a picture; None empties the canvas.

        Args:
            image: taken as it is, never changed. Format_RGB32 and Format_ARGB32_Premultiplied are drawn
                without a conversion.
            name: said to screen readers.
            keep_view: leave zoom, place, mask and undo as they are where the size is the same. After
                `show_preview` they are left in any case.
        """
        self._name = name
        if image is None or image.isNull():
            self._begin(QSize())
            self._pictures.show("after", None)
            self._pictures.show("before", None)
            self.stage.set_mode("off")
            return
        previewed = self.stage.after is not None and self._previewing
        same = image.size() == self.image_size and (keep_view or previewed)
        if not same:
            self._begin(image.size())
        self._previewing = False
        self._comparing.forget()
        self._pictures.show("after", image)
        self._describe()

    def show_preview(self, preview: QImage, full_size: QSize, *, name: str = "") -> None:
        """Show a small version until `show_image` brings the picture itself, which must be of `full_size`."""
        self._name = name
        self._begin(full_size)
        self._previewing = True
        self._pictures.preview(preview, full_size)
        self._describe()

    def _begin(self, size: QSize) -> None:
        """A picture of another size, or none: nothing of the former is kept."""
        self._pointer.give_up()
        hand = self._pointer.hand
        hand.put_down()
        self._previewing = False
        mask = None if size.isEmpty() else MaskModel(size, self._desk.background.run, self)
        former, self.stage.mask = self.stage.mask, mask
        self.stage.set_soft(None)
        if former is not None:
            former.deleteLater()
        if mask is not None:
            mask.changed.connect(self.stage.mask_changed)
            mask.settled.connect(self._mask_settled)
            mask.undo_changed.connect(self.undo_changed)
        self._pictures.show("before", None)
        self.stage.set_mode("off")
        self.stage.show(size)
        self._feathering.follow(mask)
        hand.take_up()
        self._show_cursor()
        self.undo_changed.emit()
        self.mask_changed.emit()
        self._describe()

    # -- tools

    @property
    def tool(self) -> Tool:
        """The tool in use."""
        return self._tool

    def set_tool(self, tool: Tool) -> None:
        """Use another; what was half made with the last one is dropped."""
        if tool == self._tool:
            return
        self._pointer.give_up()
        self._pointer.hand.put_down()
        self._tool = tool
        self._pointer.hand = self._hands[tool]
        # Room to pull the frame into.
        self.stage.set_fit_margin(EXTENDING_MARGIN if tool == "extend" else FIT_MARGIN)
        self._pointer.hand.take_up()
        self._show_cursor()
        self.tool_changed.emit(tool)
        self._describe()

    @property
    def brush_size(self) -> int:
        """Width of brush and eraser, 1 to 1000 pixels of the picture."""
        return self._desk.brush_size

    def set_brush_size(self, size: int) -> None:
        """Set it; what is out of bounds becomes the nearest bound."""
        size = min(max(size, SMALLEST_BRUSH), LARGEST_BRUSH)
        former = self._desk.brush_size
        if size != former:
            self._desk.brush_size = size
            hand = self._pointer.hand
            if isinstance(hand, BrushHand):
                hand.size_changed(former)
            self.brush_size_changed.emit(size)

    def larger_brush(self) -> None:
        """A step up."""
        self._step_brush(1)

    def smaller_brush(self) -> None:
        """A step down."""
        self._step_brush(-1)

    def _step_brush(self, steps: int) -> None:
        self.set_brush_size(next_brush_size(self.brush_size, steps))

    def set_fill(self, mode: FillMode, tolerance: int = 32) -> None:
        """How the fill tool chooses.

        Args:
            mode: `colour` takes what is like the pixel clicked and connected with it, `similar` also what is
                not connected, `inside` what the outline drawn around the click encloses.
            tolerance: how far a channel may differ, 0-255.
        """
        former = (self._desk.fill_mode, self._desk.tolerance)
        self._desk.fill_mode = mode
        self._desk.tolerance = min(max(tolerance, 0), 255)
        if former != (mode, self._desk.tolerance):
            self.fill_changed.emit()

    @property
    def fill_mode(self) -> FillMode:
        """How the fill tool chooses."""
        return self._desk.fill_mode

    @property
    def tolerance(self) -> int:
        """How far a channel may differ for the fill tool, 0-255."""
        return self._desk.tolerance

    # -- zoom

    @property
    def zoom(self) -> float:
        """Device pixels for each pixel of the picture."""
        return self.stage.view.zoom

    @property
    def fitting(self) -> bool:
        """Whether the picture is kept as large as the canvas allows."""
        return self.stage.view.fitting

    def set_zoom(self, zoom: float) -> None:
        """Zoom about the middle of what is seen."""
        if self.has_image:
            room = self.stage.view.room
            middle = QPointF(room.width() / 2, room.height() / 2)
            self.stage.look_from(self.stage.view.zoomed(zoom, middle))

    def zoom_in(self) -> None:
        """One step closer."""
        self.set_zoom(next_zoom(self.zoom, 1))

    def zoom_out(self) -> None:
        """One step away."""
        self.set_zoom(next_zoom(self.zoom, -1))

    def fit(self) -> None:
        """All of the picture, and again whenever the canvas changes its size."""
        if self.has_image:
            self.stage.fit()

    def actual_size(self) -> None:
        """100 %."""
        self.set_zoom(1.0)

    # -- the mask

    @property
    def has_mask(self) -> bool:
        """Whether anything is masked."""
        return self.stage.mask is not None and not self.stage.mask.empty

    @property
    def mask_box(self) -> QRect:
        """The smallest rectangle around what is masked; empty where nothing is."""
        return QRect() if self.stage.mask is None else QRect(self.stage.mask.box)

    @property
    def masked_share(self) -> float:
        """How much of the picture is masked, 0 to 1."""
        return 0.0 if self.stage.mask is None else self.stage.mask.share()

    @property
    def can_undo(self) -> bool:
        """Whether there is a change of the mask to take back."""
        return self.stage.mask is not None and self.stage.mask.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether there is one to make again."""
        return self.stage.mask is not None and self.stage.mask.can_redo

    def mask_image(self) -> QImage:
        """A copy of the mask: Format_Grayscale8, of the picture's size, 255 may change; null without one."""
        return QImage() if self.stage.mask is None else self.stage.mask.image()

    def set_mask(self, mask: QImage) -> None:
        """Put another in its place; can be undone.

        Args:
            mask: of any format; its grey (of Format_Alpha8 its alpha) is taken. Of another size it is scaled.
        """
        if self.stage.mask is not None:
            self.stage.mask.replace(mask)

    def invert(self) -> None:
        """Mask what was not, and the other way round."""
        if self.stage.mask is not None:
            self.stage.mask.invert()

    def clear(self) -> None:
        """Mask nothing."""
        if self.stage.mask is not None:
            self.stage.mask.clear()

    def select_all(self) -> None:
        """Mask everything."""
        if self.stage.mask is not None:
            self.stage.mask.select_all()

    def undo(self) -> None:
        """Take the last change of the mask back."""
        if self.stage.mask is not None:
            self.stage.mask.undo()

    def redo(self) -> None:
        """Make it again."""
        if self.stage.mask is not None:
            self.stage.mask.redo()

    def set_feather(self, pixels: float) -> None:
        """Show the soft edge that a run will give the mask; the mask itself stays as it is."""
        self._feathering.set_radius(pixels)

    def set_mask_colour(self, colour: QColor | None) -> None:
        """What the mask is shown in, half seen through; None for the theme's own."""
        self._colour = colour
        self._theme_changed(self._themes.theme)

    @property
    def mask_shown(self) -> bool:
        """Whether the mask is seen where there is one."""
        return self.stage.look.masked

    def set_show_mask(self, shown: bool) -> None:
        """Hide the mask, or show it again. Painting shows it."""
        self.stage.set_look(replace(self.stage.look, masked=shown))

    def set_show_protected(self, shown: bool) -> None:
        """Dim and hatch what a run leaves exactly as it is.

        With an earlier picture to compare with (`set_compare`, in any mode), the pixels there that differ
        all the same are counted.
        """
        self.stage.set_look(replace(self.stage.look, protected=shown))
        self._compare()

    # -- comparing

    @property
    def compare_mode(self) -> CompareMode:
        """How the picture is compared."""
        return self.stage.mode

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
        self._comparing.before_name, self._comparing.after_name = before_name, after_name
        if before is None or before.isNull() or not self.has_image:
            mode, before = "off", None
        if before is None or before.cacheKey() != self._before_key:
            self._comparing.forget()
            self._pictures.show("before", before)
        self._before_key = 0 if before is None else before.cacheKey()
        self.stage.set_mode(mode)
        self._compare()
        self._describe()
        self.update()

    def set_difference(self, image: QImage | None) -> None:
        """Show this picture for the difference, instead of working it out."""
        self._comparing.given = image is not None
        self._pictures.show_difference(image)

    # -- what happens

    def _say(self, words: str) -> None:
        announce(self, words)

    def _show_cursor(self) -> None:
        """The tool's, which may be none: it draws its own. An empty canvas has no tool."""
        if self.stage.view.picture.isEmpty():
            self.unsetCursor()
        else:
            self.setCursor(self._pointer.hand.cursor)

    def _moved(self) -> None:
        if self.zoom != self._zoom:
            self._zoom = self.zoom
            self.zoom_changed.emit(self.zoom)
        self.view_changed.emit()

    def _mask_settled(self) -> None:
        self._feathering.make()
        if self._comparing.found is not None:
            # Its figures speak of another mask.
            self._comparing.found = None
            self._pictures.forget_difference()
        self._compare()
        self._describe()
        if self.hasFocus():
            announce(self, share_words(self.masked_share))
        self.mask_changed.emit()

    def _pictures_completed(self) -> None:
        if self.stage.mask is not None:
            self.stage.mask.prepare()
        self._compare()

    def _compare(self) -> None:
        """Find out what differs, where that is shown: as a picture, or as the proof of what is protected."""
        if self.stage.mode == "difference" or self.stage.look.protected:
            self._pictures.find_difference(self._feathering.radius)

    def _difference_found(self, found: Difference) -> None:
        self._comparing.found = found
        self.update()
        self.difference_found.emit(found)

    def _theme_changed(self, theme: Theme) -> None:
        colour = QColor(theme.mask) if self._colour is None else QColor(self._colour)
        colour.setAlpha(QColor(theme.mask).alpha())
        self.stage.set_look(replace(self.stage.look, colour=colour))
        self.stage.spoil_all()

    def _describe(self) -> None:
        self.setAccessibleName(tr("Picture {name}", name=self._name) if self._name else tr("Picture"))
        compare = compare_sentence(self.stage.mode, self.stage.divider)
        self.setAccessibleDescription(described(self.image_size, self._tool, self.masked_share, compare))

    def key_pressed(self, event: QKeyEvent) -> bool:
        return self._keys.press(event)

    def key_released(self, event: QKeyEvent) -> bool:
        return self._keys.release(event)

    def keyboard_left(self) -> None:
        self._keys.let_go()
