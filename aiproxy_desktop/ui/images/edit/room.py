"""The edit room: tools, the canvas with its bar, the versions below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import get_args

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from aiproxy_desktop.storage.image_records import StoredImage
from aiproxy_desktop.ui.images.canvas.canvas import Canvas
from aiproxy_desktop.ui.images.canvas.pixels import grey_image
from aiproxy_desktop.ui.images.canvas.tools import FillMode, Hovered
from aiproxy_desktop.ui.images.edit.kept_masks import KeptMasks, Key
from aiproxy_desktop.ui.images.edit.options import OptionBar
from aiproxy_desktop.ui.images.edit.pending import PendingVersions
from aiproxy_desktop.ui.images.edit.tools import ToolColumn, tool_named
from aiproxy_desktop.ui.images.edit.versions import VersionStrip
from aiproxy_desktop.ui.images.edit.viewmodel import EditViewModel
from aiproxy_desktop.ui.images.gallery.thumbs import Thumbnails
from aiproxy_desktop.ui.images.words import title_of, version_title
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.announcing import announce
from aiproxy_desktop.ui.widgets.empty_state import EmptyState
from aiproxy_desktop.ui.widgets.labels import ElidedLabel, Label
from aiproxy_desktop.ui.widgets.menu import Entry
from aiproxy_desktop.ui.widgets.painting import margins

_BRUSH = 64
_STATUS = 24

# Below this width the tools are icons alone.
_ROOMY = 640


class EditRoom(QWidget):
    """Shows what the view-model holds and passes on what is wished.

    Signals:
        mask_changed(): whether anything is masked may be otherwise.
        feather_changed(int): pixels.
        file_wanted(), gallery_wanted(): from the empty canvas.
        version_menu_wanted(str, QPoint): what can be done with a version.
        mask_file_wanted(bool): load a mask from a file, or save this one to one (True).
    """

    mask_changed = Signal()
    feather_changed = Signal(int)
    file_wanted = Signal()
    gallery_wanted = Signal()
    version_menu_wanted = Signal(str, object)
    mask_file_wanted = Signal(bool)

    def __init__(
        self,
        themes: ThemeController,
        view_model: EditViewModel,
        pending: PendingVersions,
        thumbnails: Thumbnails,
        parent: QWidget | None = None,
    ) -> None:
        """Build it.

        Args:
            themes: to paint with.
            view_model: what is on the canvas.
            pending: what is being made of it.
            thumbnails: small pictures for the strip.
            parent: of the widget.
        """
        super().__init__(parent)
        self.setObjectName("images.edit")
        self._vm = view_model
        self._pending = pending
        # What the mask on the canvas is for, and the masks of what was there before.
        self._key: Key = ("", 0, 0)
        self._masks = KeptMasks()
        self.feather = 0
        self.tools = ToolColumn(themes)
        self.options = OptionBar(themes, self._mask_entries)
        self.canvas = Canvas(themes)
        self.empty = EmptyState(themes, name="images.empty")
        self.versions = VersionStrip(themes, thumbnails)
        self._status = ElidedLabel("", "meta", "muted")
        self._status.setObjectName("images.status")
        self._pixel = Label("", "meta", "muted", tabular=True)
        self._pixel.setObjectName("images.pixel")
        self._working = False
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.canvas)
        self._lay_out()
        self._follow_canvas()
        self._follow()
        self.canvas.set_brush_size(_BRUSH)
        self.options.show_brush(self.canvas.brush_size)
        self.options.show_feather(self.feather)
        self._show_fill()
        self._show_tool(self.canvas.tool)
        self._show_picture()
        self._show_versions()
        self._show_state()

    def _lay_out(self) -> None:
        middle = QFrame()
        middle.setProperty("layer", "surface")
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.options)
        column.addWidget(self._stack, 1)
        column.addWidget(self._status_row())
        column.addWidget(self.versions)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.tools)
        row.addWidget(middle, 1)
        self.empty.show_state(
            tr("No picture yet"),
            tr("Drop a picture here, paste one, or open a file. Then paint over what should change."),
            (("open", tr("Open a file")), ("gallery", tr("Choose from the gallery"))),
        )

    def _status_row(self) -> QWidget:
        """What is being done, and what is under the pointer; always there, so that nothing above it moves."""
        # Room for the longest, so that the row is not laid out anew at each step of the pointer.
        widest = self._pixel.fontMetrics().horizontalAdvance("00000, 00000   #000000")
        self._pixel.setFixedWidth(widest + 4)
        widget = QWidget()
        widget.setFixedHeight(_STATUS)
        row = QHBoxLayout(widget)
        row.setContentsMargins(margins(16, 0, 16, 0))
        row.setSpacing(8)
        row.addWidget(self._status, 1)
        row.addWidget(self._pixel)
        self._status_line = widget
        return widget

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.tools.set_narrow(self.width() < _ROOMY)

    def _follow_canvas(self) -> None:
        canvas, bar = self.canvas, self.options
        canvas.tool_changed.connect(self._show_tool)
        canvas.brush_size_changed.connect(bar.show_brush)
        canvas.zoom_changed.connect(lambda _zoom: self._show_zoom())
        canvas.mask_changed.connect(self.mask_changed)
        canvas.undo_changed.connect(self._show_undo)
        canvas.frame_changed.connect(self._show_frame)
        canvas.hovered.connect(self._show_pixel)
        canvas.busy_changed.connect(self._show_busy)
        canvas.crop_wanted.connect(self._crop)
        canvas.extend_wanted.connect(lambda *margins: self._vm.extend(margins))
        self.tools.chosen.connect(self.choose_tool)
        bar.brush_wanted.connect(canvas.set_brush_size)
        bar.feather_wanted.connect(self.set_feather)
        bar.fill_wanted.connect(self._set_fill)
        canvas.fill_changed.connect(self._show_fill)
        bar.zoom_wanted.connect(self.zoom)
        bar.undo_wanted.connect(canvas.undo)
        bar.redo_wanted.connect(canvas.redo)
        bar.framed.connect(self._end_frame)

    def _follow(self) -> None:
        vm = self._vm
        vm.preview_arrived.connect(self._show_preview)
        vm.picture_changed.connect(self._show_picture)
        vm.state_changed.connect(self._show_state)
        vm.family_changed.connect(self._show_versions)
        vm.compare_changed.connect(self._show_compare)
        vm.mask_given.connect(lambda mask: self.canvas.set_mask(grey_image(mask.image)))
        self._pending.changed.connect(self._show_pending)
        self.versions.chosen.connect(vm.open)
        self.versions.menu_wanted.connect(self.version_menu_wanted)
        self.empty.acted.connect(
            lambda act: self.file_wanted.emit() if act == "open" else self.gallery_wanted.emit()
        )

    # What can be done, by key, menu or button

    def choose_tool(self, name: str) -> None:
        """Take a tool in hand."""
        self.canvas.set_tool(tool_named(name))

    def set_feather(self, pixels: int) -> None:
        """Let the mask end softly."""
        self.feather = pixels
        self.canvas.set_feather(pixels)
        self.options.show_feather(pixels)
        self.feather_changed.emit(pixels)

    def zoom(self, to: str) -> None:
        """`fit`, `in`, `out`, or percent."""
        if to == "fit":
            self.canvas.fit()
        elif to == "in":
            self.canvas.zoom_in()
        elif to == "out":
            self.canvas.zoom_out()
        else:
            self.canvas.set_zoom(int(to) / 100)

    def toggle_mask_shown(self) -> None:
        """Hide the mask, which stays as it is, or show it again."""
        self.canvas.set_show_mask(not self.canvas.mask_shown)

    def show_result(self) -> None:
        """What was asked for is there: look at it without the mask in front of it."""
        self.canvas.set_show_mask(False)

    def step_version(self, step: int) -> None:
        """Show the version before or after, as the strip has them."""
        ids = [version.image.id for version in self._vm.versions]
        current = self._vm.current
        if current is not None and current.id in ids:
            at = ids.index(current.id) + step
            if 0 <= at < len(ids):
                self._vm.open(ids[at])

    def painted(self) -> QImage | None:
        """What is painted; None where nothing is."""
        return self.canvas.mask_image() if self.canvas.has_mask else None

    # Inside

    def _mask_entries(self) -> Sequence[Entry]:
        canvas, shown = self.canvas, self._vm.current is not None
        masked = shown and canvas.has_mask
        current = self._vm.current
        return (
            Entry("all", tr("Select everything"), canvas.select_all, "Ctrl+A", shown),
            Entry("invert", tr("Invert"), canvas.invert, "Ctrl+I", shown),
            Entry("clear", tr("Clear"), canvas.clear, "Ctrl+D", masked),
            Entry("show", self._show_mask_words(), self.toggle_mask_shown, "Ctrl+H", masked),
            Entry("line"),
            Entry(
                "earlier",
                tr("Use this version's mask"),
                self._vm.load_mask,
                "",
                current is not None and bool(current.mask_hash),
            ),
            Entry("load", tr("Load a mask…"), partial(self.mask_file_wanted.emit, False), "", shown),
            Entry("save", tr("Save the mask…"), partial(self.mask_file_wanted.emit, True), "", masked),
        )

    def _set_fill(self, mode: str, tolerance: int) -> None:
        known: tuple[FillMode, ...] = get_args(FillMode)
        self.canvas.set_fill(next((one for one in known if one == mode), "colour"), tolerance)

    def _show_fill(self) -> None:
        self.options.show_fill(self.canvas.fill_mode, self.canvas.tolerance)

    def _show_mask_words(self) -> str:
        return tr("Hide the mask") if self.canvas.mask_shown else tr("Show the mask")

    def _show_tool(self, name: str) -> None:
        self.tools.show_tool(name)
        self.options.show_tool(name)
        self._show_frame()

    def _show_zoom(self) -> None:
        if self.canvas.has_image:
            self.options.show_zoom(self.canvas.zoom, fits=self.canvas.fitting)
        else:
            self.options.show_no_zoom()

    def _show_undo(self) -> None:
        self.options.show_undo(can_undo=self.canvas.can_undo, can_redo=self.canvas.can_redo)

    def _show_frame(self) -> None:
        box, whole = self._framed(), QRect(QPoint(0, 0), self.canvas.image_size)
        words = tr("{width} × {height} px", width=box.width(), height=box.height())
        self.options.show_frame(words, applies=box != whole)

    def _end_frame(self, apply: bool) -> None:
        if not apply:
            self.choose_tool("brush")
        elif self.canvas.tool == "crop":
            self._crop(self.canvas.crop_box)
        else:
            self._vm.extend(self.canvas.extend_margins)
        # The button that was pressed is gone.
        self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def _framed(self) -> QRect:
        """What the picture would be, in its own pixels, once the frame is applied."""
        if self.canvas.tool == "crop":
            return self.canvas.crop_box
        left, top, right, bottom = self.canvas.extend_margins
        return QRect(QPoint(0, 0), self.canvas.image_size).adjusted(-left, -top, right, bottom)

    def _crop(self, box: QRect) -> None:
        self._vm.crop((box.left(), box.top(), box.right() + 1, box.bottom() + 1))

    def _show_preview(self, preview: QImage, width: int, height: int) -> None:
        if (width, height) == self._key[1:]:
            return  # what stands there is as large, and its mask stays
        self._put_mask_away()
        self._key = ("", 0, 0)
        self._stack.setCurrentWidget(self.canvas)
        self.canvas.show_preview(preview, QSize(width, height))

    def _show_picture(self) -> None:
        image, shown = self._vm.current, self._vm.shown
        there = image is not None
        for widget in (self.tools, self.options):
            widget.setEnabled(there)
        self._stack.setCurrentWidget(self.canvas if there else self.empty)
        # The mask stays from version to version, and from prompt to prompt, while it fits.
        key = ("", 0, 0) if image is None else (image.family, image.width, image.height)
        same = key == self._key
        if not same:
            self._put_mask_away()
            if key[1:] == self._key[1:]:
                self.canvas.show_image(None)  # another picture, that happens to be as large
        self._key = key
        name = "" if image is None else title_of(image)
        self.canvas.show_image(shown, name=name, keep_view=same)
        mask = None if same else self._masks.take(key)
        if mask is not None:
            self.canvas.set_mask(mask)
        if self.canvas.tool in {"crop", "extend"}:
            self.choose_tool("brush")
        self._show_undo()
        self._show_zoom()
        self._show_pixel(None)
        self._show_state()
        self.mask_changed.emit()

    def _put_mask_away(self) -> None:
        if self._key[0]:
            self._masks.keep(self._key, self.painted())

    def _show_state(self) -> None:
        doing = self._vm.loading or (tr("Working…") if self._working else "")
        words = doing or self._vm.problem or self._vm.outcome
        self._status.set_tone("danger" if self._vm.problem and not doing else "muted")
        if words != self._status.text() and not doing:
            announce(self, words)
        self._status.setText(words)
        self._status_line.setVisible(bool(self._vm.loading) or self._vm.current is not None)

    def _show_busy(self, busy: bool) -> None:
        self._working = busy
        self._show_state()

    def _show_pixel(self, under: Hovered | None) -> None:
        """Where the pointer is in the picture, and the colour there."""
        words = ""
        if under is not None:
            words = f"{under.point.x()}, {under.point.y()}"
            if under.colour.isValid():
                words += f"   {under.colour.name().upper()}"
        self._pixel.setText(words)

    def _show_versions(self) -> None:
        versions = self._vm.versions
        self.versions.setVisible(bool(versions))
        self.versions.show_versions(versions, version_title, self._vm.joined)
        self._show_pending()

    def _show_pending(self) -> None:
        self.versions.show_pending(self._pending.of({image.id for image in self._vm.family}))

    def _show_compare(self) -> None:
        vm = self._vm
        numbers = {version.image.id: version.number for version in vm.versions}
        if vm.before_image is None or vm.current is None:
            self.canvas.set_compare(None, "off")
            return

        def label(image: StoredImage) -> str:
            return f"{numbers.get(image.id, '')}  {version_title(image)}".strip()

        self.canvas.set_compare(
            vm.before, vm.compare, before_name=label(vm.before_image), after_name=label(vm.current)
        )


def version_entries(
    image: StoredImage, acts: dict[str, Callable[[], None]], *, current: bool
) -> Sequence[Entry]:
    """What can be done with one version; `acts` by the names used here."""
    return (
        Entry("open", tr("Show on the canvas"), acts["open"], "", not current),
        Entry("compare", tr("Compare with this one"), acts["compare"], "", not current),
        Entry("reference", tr("Use as a reference picture"), acts["reference"]),
        Entry("reuse", tr("Use its settings again"), acts["reuse"], "", bool(image.prompt)),
        Entry("line"),
        Entry("gallery", tr("Show in the gallery"), acts["gallery"]),
        Entry("export", tr("Export…"), acts["export"]),
        Entry("chat", tr("Send to chat"), acts["chat"]),
        Entry("line2"),
        Entry("delete", tr("Delete"), acts["delete"]),
    )


def below(widget: QWidget) -> QPoint:
    """Where a menu of a button opens."""
    return widget.mapToGlobal(QPoint(0, widget.height() + 4))
