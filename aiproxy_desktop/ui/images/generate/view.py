"""The Generate view: requests newest first, models side by side, pictures as they come."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from aiproxy_desktop.storage.image_records import StoredImage
from aiproxy_desktop.storage.records import Attachment
from aiproxy_desktop.ui.chat.transcript.images.image_actions import ImageActions
from aiproxy_desktop.ui.images.gallery.thumbs import Thumbnails
from aiproxy_desktop.ui.images.generate.block import BlockView
from aiproxy_desktop.ui.images.generate.blocks import Block, Column
from aiproxy_desktop.ui.images.generate.card import CardAction, CardParts, shown_attachment
from aiproxy_desktop.ui.images.generate.empty import NothingYet
from aiproxy_desktop.ui.images.generate.pictures import CardPictures
from aiproxy_desktop.ui.images.generate.viewmodel import GenerateViewModel
from aiproxy_desktop.ui.images.generate.words import end_words, running_line
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr, tr_count
from aiproxy_desktop.ui.widgets.announcing import announce
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.toast import ToastMessage

_NAME = "images.generate"
_PAD = 24
_TICK_MS = 1000
# Blocks that are built in one turn of the loop.
_AT_ONCE = 3


class GenerateView(QWidget):
    """Everything a person made here, and what is being made.

    Signals:
        edit_wanted(str): a picture's id.
        export_wanted(str): a picture's id.
        reference_wanted(str): a picture's id: it shall go along with the next request.
        reuse_wanted(StoredImage): ask again as this picture was asked for.
        prompt_wanted(str): put this prompt into the panel; the keyboard belongs there then.
        page_wanted(str): go to a page of the window, such as `models`.
        toast_requested(ToastMessage): something to be told, perhaps to be undone.
    """

    edit_wanted = Signal(str)
    export_wanted = Signal(str)
    reference_wanted = Signal(str)
    reuse_wanted = Signal(object)
    prompt_wanted = Signal(str)
    page_wanted = Signal(str)
    toast_requested = Signal(object)

    def __init__(
        self,
        themes: ThemeController,
        view_model: GenerateViewModel,
        thumbnails: Thumbnails,
        parent: QWidget | None = None,
        *,
        exports: Path | None = None,
    ) -> None:
        """Make it.

        Args:
            themes: to paint with.
            view_model: what it shows.
            thumbnails: small pictures of what is kept.
            parent: of the widget.
            exports: a folder for copies of pictures that are dragged into other programs.
        """
        super().__init__(parent)
        self._themes = themes
        self._vm = view_model
        self._blocks: dict[str, BlockView] = {}
        self._made = 0
        self.setObjectName(f"{_NAME}.view")
        self.setAccessibleName(tr("Pictures made here"))
        self.pictures = CardPictures(thumbnails, self)
        self.destroyed.connect(self.pictures.background.close)
        self._actions = ImageActions(themes, self.pictures.background, exports, self)
        self._parts = CardParts(themes, view_model.library, self.pictures, self._actions, self._act)
        self._empty = NothingYet(themes, name=f"{_NAME}.empty")
        self._running = Label("", "meta", "muted")
        self._cancel_all = Button(themes, tr("Cancel all requests"), name=f"{_NAME}.cancelAll", kind="quiet")
        self._lay_out()
        self._tick = QTimer(self, interval=_TICK_MS)
        self._tick.timeout.connect(self._show_time)
        self._rest = QTimer(self, interval=0, singleShot=True)
        self._rest.timeout.connect(self.show_blocks)
        self._wire()
        self.show_blocks()

    def focus_start(self) -> None:
        """Put the keyboard on the newest picture, else where prompts are offered."""
        for view in self.block_views:
            for column in view.columns:
                for card in column.cards:
                    if card.picture.focusPolicy() != Qt.FocusPolicy.NoFocus:
                        card.picture.setFocus(Qt.FocusReason.TabFocusReason)
                        return

    @property
    def block_views(self) -> list[BlockView]:
        """What is shown, newest first."""
        return [self._blocks[block.key] for block in self._vm.blocks if block.key in self._blocks]

    def close_down(self) -> None:
        """Read no more files; what is shown stays."""
        self.pictures.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.close_down()
        super().closeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._vm.start()
        self._follow_time()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._tick.stop()

    def show_blocks(self) -> None:
        """Show all of it again."""
        blocks = self._vm.blocks
        at_top = self._area.verticalScrollBar().value() == 0
        # What was just asked for is to be seen.
        at_top = at_top or bool(blocks and blocks[0].key not in self._blocks and blocks[0].running)
        for key in self._blocks.keys() - {block.key for block in blocks}:
            gone = self._blocks.pop(key)
            self._column.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        before: QWidget = self._cancel_all
        made = 0
        for place, block in enumerate(blocks):
            view = self._blocks.get(block.key)
            if view is None:
                if made == _AT_ONCE:
                    self._rest.start()  # what is further down waits for the next turn
                    break
                made += 1
                view = self._add(block)
            if self._column.indexOf(view) != place:
                self._column.removeWidget(view)
                self._column.insertWidget(place, view)
            self._show_in(view, block, before)
            before = view.last_stop
        self._empty.show_state(any_model=self._vm.any_model)
        self._stack.setCurrentIndex(1 if blocks else 0)
        self._show_running()
        if at_top:
            self._area.verticalScrollBar().setValue(0)

    def _show_block(self, block: Block) -> None:
        view = self._blocks.get(block.key)
        if view is not None:
            above = self._column.indexOf(view) - 1
            item = self._column.itemAt(above) if above >= 0 else None
            former = None if item is None else item.widget()
            before = former.last_stop if isinstance(former, BlockView) else self._cancel_all
            self._show_in(view, block, before)
            self._show_running()

    def _show_in(self, view: BlockView, block: Block, before: QWidget) -> None:
        """Show it, and let the keys go by what is seen: what is made last may stand first."""
        if view.show_block(block):
            for stop in view.stops:
                QWidget.setTabOrder(before, stop)
                before = stop

    def _add(self, block: Block) -> BlockView:
        view = BlockView(self._parts, f"{_NAME}.run{self._made}", self._inner)
        self._made += 1
        view.cancel_wanted.connect(self._vm.cancel)
        view.retry_wanted.connect(self._vm.retry)
        view.again_wanted.connect(self._use_again)
        view.dismiss_wanted.connect(self._vm.dismiss)
        self._blocks[block.key] = view
        view.show()
        return view

    def _use_again(self, block: Block) -> None:
        if block.images:
            self.reuse_wanted.emit(block.images[0])
        else:
            self.prompt_wanted.emit(block.prompt)

    def _act(self, action: CardAction, image: StoredImage) -> None:
        if action == "edit":
            self.edit_wanted.emit(image.id)
        elif action == "export":
            self.export_wanted.emit(image.id)
        elif action == "reference":
            self.reference_wanted.emit(image.id)
        elif action == "favourite":
            self._vm.set_favourite(image.id, not image.favourite)
        elif action == "delete":
            self._vm.delete(image.id)
        else:
            shown = shown_attachment(self._vm.library, image)
            if action == "copy":
                self._actions.copy(shown, lambda: None)
            elif action == "save":
                self._actions.save(shown)
            else:
                self._actions.view(shown)

    def _edit_viewed(self, attachment: Attachment) -> None:
        found = (image for block in self._vm.blocks for image in block.images)
        image = next((image for image in found if image.hash == attachment.hash), None)
        if image is not None:
            self.edit_wanted.emit(image.id)

    def _tell_deleted(self, ids: tuple[str, ...]) -> None:
        words = tr_count("{n} picture deleted", "{n} pictures deleted", len(ids))
        undo = partial(self._vm.restore, ids)
        self.toast_requested.emit(ToastMessage(words, tr("Undo"), undo))

    def _tell_end(self, column: Column) -> None:
        announce(self, end_words(column))

    def _show_running(self) -> None:
        line = running_line(self._vm.blocks)
        # One block has such a button itself.
        several = sum(bool(block.running) for block in self._vm.blocks) > 1
        self._running.setText(line)
        self._bar.setVisible(several)
        self._follow_time()

    def _follow_time(self) -> None:
        running = any(block.running for block in self._vm.blocks)
        if running and self.isVisible() and not self._tick.isActive():
            self._tick.start()
        elif not running:
            self._tick.stop()

    def _show_time(self) -> None:
        for view in self.block_views:
            view.show_time()

    def _repaint(self) -> None:
        for view in self._blocks.values():
            view.repaint_cards()

    def _focus_changed(self, _former: QWidget | None, now: QWidget | None) -> None:
        if now is not None and self._inner.isAncestorOf(now):
            self._area.ensureWidgetVisible(now, 0, _PAD)

    def _wire(self) -> None:
        vm = self._vm
        vm.blocks_changed.connect(self.show_blocks)
        vm.block_changed.connect(self._show_block)
        vm.ended.connect(self._tell_end)
        vm.deleted.connect(self._tell_deleted)
        vm.failed.connect(lambda error: self.toast_requested.emit(ToastMessage(str(error))))
        self.pictures.arrived.connect(self._repaint)
        self._actions.copied.connect(lambda: self.toast_requested.emit(ToastMessage(tr("Picture copied"))))
        self._actions.edit_wanted.connect(self._edit_viewed)
        self._actions.failed.connect(lambda words: self.toast_requested.emit(ToastMessage(words)))
        self._empty.starter_chosen.connect(self.prompt_wanted)
        self._empty.models_wanted.connect(lambda: self.page_wanted.emit("models"))
        self._cancel_all.clicked.connect(vm.cancel_all)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_changed)

    def _lay_out(self) -> None:
        self._inner = QWidget()
        self._inner.setProperty("layer", "surface")
        self._column = QVBoxLayout(self._inner)
        self._column.setContentsMargins(_PAD, 16, _PAD, _PAD)
        self._column.setSpacing(32)
        self._column.addStretch(1)
        self._area = QScrollArea()
        self._area.setObjectName(f"{_NAME}.runs")
        self._area.setAccessibleName(self.accessibleName())
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(self._inner)
        self._bar = QFrame()
        self._bar.setProperty("edge", "bottom")
        bar = QHBoxLayout(self._bar)
        bar.setContentsMargins(_PAD, 8, _PAD - 11, 8)
        bar.addWidget(self._running, 1)
        bar.addWidget(self._cancel_all)
        runs = QWidget()
        column = QVBoxLayout(runs)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(self._area, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(runs)
