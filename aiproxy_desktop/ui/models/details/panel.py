"""Everything known of one model, beside the table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from aiproxy_desktop.ui.models.details.groups import Group
from aiproxy_desktop.ui.models.details.head import DetailsHead, Star
from aiproxy_desktop.ui.models.details.long_text import LongTextRow
from aiproxy_desktop.ui.models.details.viewmodel import DetailsViewModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.breaking import breakable
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.panel import QUIET, FactRow, Panel, reaching, rule

_NAME = "models.details"
# Milliseconds. "2 minutes ago" does not stay true.
_AGE_EVERY = 30_000


class DetailsPanel(Panel):
    """Shows what the view-model holds and says what is wished, by the model's reference.

    `extra` is a place for what only some models have, between the buttons and the facts. It reaches beyond
    the text's edges by the padding of a quiet button.
    """

    chat_wanted = Signal(str)
    default_wanted = Signal(str)
    compare_wanted = Signal(str)
    favourite_toggled = Signal(str, bool)
    hidden_toggled = Signal(str, bool)
    image_studio_wanted = Signal(str)
    voice_wanted = Signal(str)

    def __init__(
        self,
        themes: ThemeController,
        view_model: DetailsViewModel,
        *,
        compare: bool = True,
        image_studio: bool = False,
        voice: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """Make it.

        Args:
            themes: to paint with.
            view_model: what is shown.
            compare: whether models can be compared.
            image_studio: whether there is a page that makes images.
            voice: whether there is a page to talk to models.
            parent: of the widget.
        """
        super().__init__(themes, tr("Details"), name=_NAME, parent=parent)
        self._vm = view_model
        self._ages = QTimer(self)
        self._ages.setInterval(_AGE_EVERY)
        self._ages.timeout.connect(view_model.refresh)
        self._star = Star(themes, name=f"{_NAME}.star")
        self.head.insertWidget(1, self._star)
        self._head = DetailsHead(themes, name=_NAME, image_studio=image_studio, voice=voice, compare=compare)
        self.extra = QVBoxLayout()
        self.extra.setSpacing(8)
        self._facts = _Groups(self)
        self._about = _Groups(self)
        self._nothing = Label(tr("Choose a model in the table."), "body", "muted", wrap=True)
        self._asking = Label("", "meta", "muted", wrap=True)
        self._error = Label("", "body", "danger", wrap=True)
        self._error.setObjectName(f"{_NAME}.error")
        self._retry = Button(themes, tr("Try again"), name=f"{_NAME}.retry")
        self.column.addWidget(self._nothing)
        self.column.addLayout(reaching(self._head, QUIET))
        self.column.addLayout(reaching(self.extra, QUIET))
        for part in (self._facts, self._asking, self._error, self._retry, self._about):
            self.column.addWidget(part)
        self.column.addStretch(1)
        self._follow()
        self.show_model()
        self.show_asked()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._vm.refresh()
        self._ages.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._ages.stop()

    def show_model(self) -> None:
        """Show what is known of the model now."""
        shown = self._vm.shown
        self._nothing.setVisible(shown is None)
        for widget in (self._star, self._head, self._facts):
            widget.setVisible(shown is not None)
        if shown is None:
            self.set_title(tr("Details"))
            return
        self.set_title(shown.name)
        self._star.set_on(shown.favourite)
        self._star.setEnabled(shown.listed)
        self._head.show_model(shown)
        self._facts.show_groups(shown.groups, shown.reference)
        self._watch()

    def show_asked(self) -> None:
        """Show how far the question to the model's provider is."""
        vm = self._vm
        self._asking.setVisible(vm.asked == "loading")
        self._asking.setText(tr("Asking for licence, template and parameters…"))
        error = vm.error
        self._error.setVisible(error is not None)
        # While it is asked again the keys stay at what asks.
        held = self._retry.hasFocus()
        self._retry.setVisible(error is not None or (held and vm.asked == "loading"))
        if error is not None:
            text = tr("Licence, template and parameters: {error}", error=str(error))
            self._error.setText(breakable(text))
        self._about.setVisible(vm.about is not None)
        self._about.show_groups(() if vm.about is None else (vm.about,), vm.reference)
        self._watch()

    def _follow(self) -> None:
        vm, head = self._vm, self._head
        vm.changed.connect(self.show_model)
        vm.asked_changed.connect(self.show_asked)
        self._retry.clicked.connect(vm.ask)
        self._star.toggled_to.connect(lambda on: self.favourite_toggled.emit(vm.reference, on))
        head.hiding_wanted.connect(lambda on: self.hidden_toggled.emit(vm.reference, on))
        head.chat_wanted.connect(lambda: self.chat_wanted.emit(vm.reference))
        head.default_wanted.connect(lambda: self.default_wanted.emit(vm.reference))
        head.compare_wanted.connect(lambda: self.compare_wanted.emit(vm.reference))
        head.image_studio_wanted.connect(lambda: self.image_studio_wanted.emit(vm.reference))
        head.voice_wanted.connect(lambda: self.voice_wanted.emit(vm.reference))

    def _watch(self) -> None:
        """Whatever the keys can reach is scrolled to."""
        self.keep_in_sight([one for one in self.area.findChildren(QWidget) if one.focusPolicy()])


class _Groups(QWidget):
    """Groups of facts below one another, a hairline before each; made anew where they are others."""

    def __init__(self, panel: Panel) -> None:
        super().__init__()
        self._themes = panel.themes
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._shown: tuple[str, tuple[Group, ...]] = ("", ())
        self._widgets: list[QWidget] = []

    def show_groups(self, groups: Sequence[Group], reference: str) -> None:
        """Show these."""
        if self._shown == (reference, tuple(groups)):
            return
        self._shown = (reference, tuple(groups))
        for widget in self._widgets:
            self._column.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._widgets = [self._group(group, first=not place) for place, group in enumerate(groups)]
        for widget in self._widgets:
            self._column.addWidget(widget)
            widget.show()  # at once: Qt would do it with the next event

    def _group(self, group: Group, *, first: bool) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 4 if first else 12, 0, 4)
        column.setSpacing(0)
        column.addWidget(rule())
        column.addSpacing(12)
        column.addWidget(Label(breakable(group.title), "meta", "muted", wrap=True))
        column.addSpacing(4)
        for line in group.lines:
            column.addWidget(FactRow(line.name, line.value, muted=line.muted))
        for text in group.long:
            column.addWidget(LongTextRow(self._themes, text, name=f"{_NAME}.{text.id}"))
        if group.text:
            column.addSpacing(4)
            column.addWidget(Label(breakable(group.text), "body", "secondary", wrap=True))
        return box
