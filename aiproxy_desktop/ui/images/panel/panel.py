"""The request panel: what to make, with which model, how, and for how much."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent, QTextCursor
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from aiproxy_desktop.ui.images.gallery.thumbs import Thumbnails
from aiproxy_desktop.ui.images.panel.footer import PAD, Footer
from aiproxy_desktop.ui.images.panel.grid import ControlsGrid
from aiproxy_desktop.ui.images.panel.models_button import ModelsButton
from aiproxy_desktop.ui.images.panel.prompt import PromptArea
from aiproxy_desktop.ui.images.panel.references import References
from aiproxy_desktop.ui.images.panel.viewmodel import RequestViewModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import LAYOUT
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.brought import Brought
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.painting import margins
from aiproxy_desktop.ui.widgets.panel import keep_width
from aiproxy_desktop.ui.widgets.popover import Popover
from aiproxy_desktop.ui.widgets.select import RowList

_CONTROL = Qt.KeyboardModifier.ControlModifier
_MOST_PROMPTS = 20
_MOST_CHARACTERS = 70


class RequestPanel(QFrame):
    """296 wide; what does not fit scrolls, the footer stays.

    Signals:
        reference_files_dropped(list[str]): paths of files that shall be references.
        reference_picture_brought(Brought): a picture without a file, dropped or pasted.
        references_wanted(): the person wants to choose files for references.
        page_wanted(str): go to a page of the window, such as `models`.
        protect_shown(bool): whether to show what an edit leaves as it is.
    """

    reference_files_dropped = Signal(list)
    reference_picture_brought = Signal(object)
    references_wanted = Signal()
    page_wanted = Signal(str)
    protect_shown = Signal(bool)

    def __init__(
        self,
        themes: ThemeController,
        view_model: RequestViewModel,
        thumbnails: Thumbnails,
        parent: QWidget | None = None,
    ) -> None:
        """Make it; its parts are called `images.<room>.<thing>`.

        Args:
            themes: to paint with.
            view_model: whose room it is for.
            thumbnails: small pictures of what is kept.
            parent: of the widget.
        """
        super().__init__(parent)
        name = f"images.{view_model.room}"
        editing = view_model.room == "edit"
        self._themes = themes
        self._vm = view_model
        self._popover: Popover | None = None
        self.setObjectName(f"{name}.panel")
        self.setAccessibleName(tr("What is asked for"))
        self.setProperty("layer", "sidebar")
        self.setProperty("edge", "start")
        self.setFixedWidth(LAYOUT.image_panel)
        title = tr("What should change") if editing else tr("What to make")
        self.prompt = PromptArea(
            lambda: view_model.history,
            name=f"{name}.prompt",
            accessible_name=title,
            placeholder=tr("Say what should change.") if editing else tr("Say what the picture shall show."),
        )
        self.prompt.setPlainText(view_model.prompt)
        self.prompt.moveCursor(QTextCursor.MoveOperation.End)
        self._earlier = Button(
            themes, name=f"{name}.earlier", kind="quiet", icon="clock", tooltip=tr("Earlier prompts")
        )
        self.models = ModelsButton(themes, view_model, name=f"{name}.model")
        self.controls = ControlsGrid(themes, view_model, name=name)
        self.references = References(themes, view_model, thumbnails, name=f"{name}.references")
        self.footer = Footer(themes, view_model, name=name)
        self._lay_out(title)
        self._wire()
        self._show_history()
        self._order_tabs()

    def focus_start(self) -> None:
        """Put the keyboard into the prompt."""
        self.prompt.setFocus(Qt.FocusReason.OtherFocusReason)

    def toggle_protect_shown(self) -> None:
        """Show what an edit leaves as it is, or no longer."""
        self.footer.toggle_protect_shown()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # From every field of the panel, as from the prompt.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and event.modifiers() & _CONTROL:
            self._vm.run()
            return
        super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._vm.read_history()

    def _focus_changed(self, _former: QWidget | None, now: QWidget | None) -> None:
        if now is not None and self._area.isAncestorOf(now):
            self._area.ensureWidgetVisible(now, 0, PAD)

    def _lay_out(self, title: str) -> None:
        inner = QWidget()
        inner.setProperty("layer", "sidebar")
        column = QVBoxLayout(inner)
        column.setContentsMargins(margins(PAD, 12, PAD, PAD))
        column.setSpacing(12)
        head = QHBoxLayout()
        head.setSpacing(4)
        caption = Label(title, "meta", "secondary")
        caption.setBuddy(self.prompt)
        head.addWidget(caption, 1)
        head.addWidget(self._earlier)
        asked = QVBoxLayout()
        asked.setSpacing(0)
        asked.addLayout(head)
        asked.addWidget(self.prompt)
        column.addLayout(asked)
        model = QVBoxLayout()
        model.setSpacing(4)
        model.addWidget(Label(tr("Model"), "meta", "secondary"))
        model.addWidget(self.models)
        column.addLayout(model)
        column.addWidget(self.controls)
        column.addWidget(self.references)
        column.addStretch(1)
        self._area = QScrollArea()
        self._area.setObjectName(f"{self.objectName()}.content")
        self._area.setAccessibleName(self.accessibleName())
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(inner)
        keep_width(self._area, column, PAD)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._area, 1)
        whole.addWidget(self.footer)

    def _wire(self) -> None:
        vm = self._vm
        self.prompt.textChanged.connect(lambda: vm.type_prompt(self.prompt.toPlainText()))
        self.prompt.submitted.connect(vm.run)
        self.prompt.pasted.connect(self._take)
        vm.prompt_changed.connect(lambda: self.prompt.set_text(vm.prompt))
        vm.state_changed.connect(self._show_history)
        self._earlier.clicked.connect(self._open_earlier)
        self.controls.rebuilt.connect(self._order_tabs)
        vm.pictures_changed.connect(self._order_tabs)
        self.models.mend_wanted.connect(lambda: self.page_wanted.emit("models"))
        self.references.brought_in.connect(self._take)
        self.references.open_wanted.connect(self.references_wanted)
        self.footer.protect_shown.connect(self.protect_shown)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_changed)

    def _order_tabs(self) -> None:
        """Fields that are made again come last in Qt's order: the keys go by what is seen."""
        stops: list[QWidget] = [self._earlier, self.prompt, self.models]
        for part in (self.controls, self.footer):
            found = part.findChildren(QWidget)
            stops += [one for one in found if one.focusPolicy() & Qt.FocusPolicy.TabFocus]
            stops += self.references.stops if part is self.controls else []
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)

    def _take(self, found: Brought) -> None:
        if found.images:
            self._vm.add_reference_ids(found.images)
        elif found.paths:
            self.reference_files_dropped.emit([str(path) for path in found.paths])
        elif found.has_picture:
            self.reference_picture_brought.emit(found)

    def _show_history(self) -> None:
        self._earlier.setEnabled(bool(self._vm.history))

    def _open_earlier(self) -> None:
        if self._popover is not None:
            return
        prompts = self._vm.history[:_MOST_PROMPTS]
        rows = RowList(
            self._themes,
            [_short(prompt) for prompt in prompts],
            name=f"{self._earlier.objectName()}.list",
            accessible_name=tr("Earlier prompts"),
        )
        rows.setCurrentIndex(rows.model().index(0, 0))
        self._popover = Popover(
            self._themes, self._earlier, rows, name=f"{self._earlier.objectName()}.popover"
        )
        rows.picked.connect(lambda place: self._use(prompts[place]))
        self._popover.closed.connect(self._forget)
        self._popover.open(align_end=True)

    def _use(self, prompt: str) -> None:
        if self._popover is not None:
            self._popover.close_popover()
        self.prompt.write_instead(prompt)
        self.focus_start()

    def _forget(self) -> None:
        self._popover = None


def _short(prompt: str) -> str:
    line = " ".join(prompt[:400].split())
    return line if len(line) <= _MOST_CHARACTERS else f"{line[: _MOST_CHARACTERS - 1]}…"
