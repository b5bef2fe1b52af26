"""The panel beside the grid: what is known of the chosen image, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from aiproxy_desktop.storage.image_records import StoredImage
from aiproxy_desktop.storage.images import MAX_NAME, MAX_TAG
from aiproxy_desktop.ui.images.gallery import words
from aiproxy_desktop.ui.images.gallery.relatives import Preview, Relatives
from aiproxy_desktop.ui.images.gallery.tags import TagEditor
from aiproxy_desktop.ui.images.gallery.thumbs import Thumbnails
from aiproxy_desktop.ui.images.gallery.viewmodel import Details
from aiproxy_desktop.ui.images.panel.words import option_value
from aiproxy_desktop.ui.images.words import title_of
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.tokens import LAYOUT
from aiproxy_desktop.ui.translation import tr, tr_count
from aiproxy_desktop.ui.widgets.breaking import breakable
from aiproxy_desktop.ui.widgets.buttons import Button, ButtonKind
from aiproxy_desktop.ui.widgets.flow_layout import flowing
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.painting import margins
from aiproxy_desktop.ui.widgets.panel import QUIET, FactRow, keep_width, reaching, rule
from aiproxy_desktop.ui.widgets.text_field import TextField

_PAD = 20
_MOST_PROMPT = 600
_MOST_VALUE = 120


class DetailsPanel(QFrame):
    """Shows one image, or how many are chosen.

    Signals:
        acted(str): a button was pressed: `edit`, `reference`, `reuse`, `chat`, `export`, `copy`,
            `copyPrompt`, `reveal`, `delete`, `favourite`.
        tags_wanted(object): all tags as they should be, for the image shown.
        tag_added(str): one more tag for all that are chosen.
        renamed(str, str): an image's id and what it is called now.
        followed(str): another image's id.
    """

    acted = Signal(str)
    tags_wanted = Signal(object)
    tag_added = Signal(str)
    renamed = Signal(str, str)
    followed = Signal(str)

    def __init__(
        self, themes: ThemeController, thumbnails: Thumbnails, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self.details: Details | None = None
        self._facts: tuple[tuple[str, str, bool], ...] = ()
        self._whole_prompt = False
        self.setObjectName("images.gallery.details")
        self.setAccessibleName(tr("Details"))
        self.setProperty("layer", "sidebar")
        self.setProperty("edge", "start")
        self.setFixedWidth(LAYOUT.image_panel)
        self._stack = QStackedWidget(self)
        self._nothing = self._hint(tr("Choose an image to see what is known of it."))
        self._several, self._several_count = self._many()
        self._stack.addWidget(self._nothing)
        self._stack.addWidget(self._several)
        self._stack.addWidget(self._one(thumbnails))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(margins(1, 0, 0, 0))
        whole.addWidget(self._stack)

    # What it shows

    def show_nothing(self) -> None:
        """No image is chosen."""
        self._stack.setCurrentIndex(0)

    def show_several(self, count: int) -> None:
        """So many are chosen."""
        self._several_count.setText(tr_count("{n} image chosen", "{n} images chosen", count))
        self._stack.setCurrentIndex(1)

    def show_details(self, details: Details) -> None:
        """Show one image."""
        image = details.image
        same = self.details is not None and self.details.image.id == image.id
        if not same:
            self._whole_prompt = False
            self.area.verticalScrollBar().setValue(0)
        self.details = details
        self.preview.show_image(image)
        if not self.name.hasFocus() or not same:
            self.name.setText(image.name)
            self.name.setCursorPosition(0)
        self.name.setPlaceholderText(title_of(image))
        on = image.favourite
        self.star.set_icon("star-on" if on else "star")
        self.star.setChecked(on)
        self.star.setAccessibleName(tr("Remove from favourites") if on else tr("Add to favourites"))
        self._show_prompt(image.prompt)
        self.buttons["reuse"].setEnabled(bool(image.prompt))
        self._show_facts(facts(image))
        self.tags.show_tags(image.tags)
        self.parents.show_images(details.parents)
        self.children_.show_images(details.children)
        self._stack.setCurrentIndex(2)

    # Building

    def _hint(self, text: str) -> QWidget:
        around = QWidget()
        column = QVBoxLayout(around)
        column.setContentsMargins(_PAD, _PAD, _PAD, _PAD)
        column.addWidget(Label(text, "body", "muted", wrap=True))
        column.addStretch(1)
        return around

    def _many(self) -> tuple[QWidget, Label]:
        around = QWidget()
        column = QVBoxLayout(around)
        column.setContentsMargins(_PAD, _PAD, _PAD, _PAD)
        column.setSpacing(12)
        count = Label("", "body_strong")
        column.addWidget(count)
        self.chosen_export = self._button("export", tr("Export"), "upload", many=True)
        row = [
            self._button("favourite", tr("Favourite"), "star", many=True),
            self.chosen_export,
            self._button("delete", tr("Delete"), "trash", many=True),
        ]
        column.addWidget(flowing(row))
        self._tag_all = TextField(
            self._themes, name="images.gallery.chosen.addTag", placeholder=tr("Add a tag to all of them")
        )
        self._tag_all.setMaxLength(MAX_TAG)
        self._tag_all.returnPressed.connect(self._add_tag)
        column.addWidget(self._tag_all)
        column.addStretch(1)
        return around, count

    def _one(self, thumbnails: Thumbnails) -> QWidget:
        themes = self._themes
        self.area = QScrollArea()
        self.area.setObjectName("images.gallery.details.content")
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        inner.setProperty("layer", "sidebar")
        column = QVBoxLayout(inner)
        column.setContentsMargins(_PAD - 1, _PAD, _PAD, _PAD)
        column.setSpacing(8)
        self.preview = Preview(themes, thumbnails)
        self.preview.opened.connect(lambda: self.acted.emit("edit"))
        column.addWidget(self.preview)
        self.name = TextField(themes, name="images.gallery.name", accessible_name=tr("Name"), bare=True)
        self.name.setFont(font("body_strong"))
        self.name.setMaxLength(MAX_NAME)
        self.name.editingFinished.connect(self._rename)
        self.star = Button(
            themes,
            name="images.gallery.favourite",
            kind="quiet",
            icon="star",
            tooltip=tr("Favourite (Space)"),
        )
        self.star.setCheckable(True)
        self.star.clicked.connect(lambda: self.acted.emit("favourite"))
        head = QHBoxLayout()
        head.setSpacing(0)
        head.addSpacing(-2)  # a field's text stands 2 px inside it
        head.addWidget(self.name, 1)
        head.addSpacing(4)
        head.addWidget(self.star)
        column.addLayout(head)
        self._add_prompt(column)
        self._add_actions(column)
        column.addSpacing(4)
        column.addWidget(rule())
        self._fact_column = QVBoxLayout()
        self._fact_column.setSpacing(0)
        column.addLayout(self._fact_column)
        column.addWidget(rule())
        column.addSpacing(4)
        column.addWidget(Label(tr("Tags"), "meta", "secondary"))
        self.tags = TagEditor(themes)
        self.tags.tags_wanted.connect(self.tags_wanted)
        column.addWidget(self.tags)
        self.parents = Relatives(themes, thumbnails, tr("Made from"), name="images.gallery.parents")
        self.children_ = Relatives(themes, thumbnails, tr("Made from this"), name="images.gallery.children")
        for part in (self.parents, self.children_):
            part.followed.connect(self.followed)
            column.addWidget(part)
        column.addStretch(1)
        self.area.setWidget(inner)
        keep_width(self.area, column, _PAD)
        return self.area

    def _add_prompt(self, column: QVBoxLayout) -> None:
        self._prompt = Label("", "body", "secondary", wrap=True)
        self._prompt.setObjectName("images.gallery.prompt")
        self._prompt.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.more = Button(self._themes, tr("Show all"), name="images.gallery.prompt.more", kind="link")
        self.more.clicked.connect(self._toggle_prompt)
        self.copy_prompt = self._button("copyPrompt", tr("Copy prompt"), "copy", "quiet")
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addSpacing(-QUIET)  # the icon stands at the text's edge
        row.addWidget(self.copy_prompt)
        row.addWidget(self.more)
        row.addStretch(1)
        column.addWidget(self._prompt)
        column.addLayout(row)

    def _add_actions(self, column: QVBoxLayout) -> None:
        edit = Button(
            self._themes,
            tr("Open in Edit"),
            name="images.gallery.edit",
            kind="primary",
            icon="edit",
            large=True,
        )
        edit.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        edit.clicked.connect(lambda: self.acted.emit("edit"))
        lines = (
            ("reuse", tr("Reuse settings"), "refresh"),
            ("reference", tr("Use as reference"), "image"),
            ("chat", tr("Send to chat"), "send"),
            ("export", f"{tr('Export')}…", "upload"),
            ("copy", tr("Copy image"), "copy"),
            ("reveal", tr("Show in folder"), "folder"),
            ("delete", tr("Delete"), "trash"),
        )
        self.buttons = {act: self._button(act, text, icon, "quiet") for act, text, icon in lines}
        column.addWidget(edit)
        rows = QVBoxLayout()
        rows.setSpacing(0)
        for button in self.buttons.values():
            rows.addLayout(reaching(button, QUIET))
        column.addLayout(rows)

    def _button(
        self, act: str, text: str, icon: str, kind: ButtonKind = "secondary", *, many: bool = False
    ) -> Button:
        made = Button(
            self._themes,
            text,
            name=f"images.gallery.{'chosen.' if many else ''}{act}",
            kind=kind,
            icon=icon,
            align_start=kind == "quiet",
        )
        made.clicked.connect(lambda: self.acted.emit(act))
        return made

    # Filling

    def _rename(self) -> None:
        if self.details is not None and self.name.text() != self.details.image.name:
            self.renamed.emit(self.details.image.id, self.name.text())

    def _add_tag(self) -> None:
        tag = self._tag_all.text().strip()
        self._tag_all.clear()
        if tag:
            self.tag_added.emit(tag)

    def _show_prompt(self, prompt: str) -> None:
        text = prompt.strip()
        long = len(text) > _MOST_PROMPT
        shown = text if not long or self._whole_prompt else text[:_MOST_PROMPT].rstrip() + "…"
        self._prompt.setText(breakable(shown))
        self._prompt.setVisible(bool(text))
        self.copy_prompt.setVisible(bool(text))
        self.more.setVisible(long)
        self.more.set_label(tr("Show less") if self._whole_prompt else tr("Show all"))

    def _toggle_prompt(self) -> None:
        self._whole_prompt = not self._whole_prompt
        if self.details is not None:
            self._show_prompt(self.details.image.prompt)

    def _show_facts(self, lines: Sequence[tuple[str, str, bool]]) -> None:
        if tuple(lines) == self._facts:
            return
        self._facts = tuple(lines)
        while (item := self._fact_column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for name, value, muted in lines:
            self._fact_column.addWidget(FactRow(name, value, muted=muted))


def facts(image: StoredImage) -> list[tuple[str, str, bool]]:
    """(name, value, muted) a line."""
    lines = [(tr("Model"), words.model_name(image.model), False)] if image.model else []
    lines.append((tr("Size"), words.size(image), False))
    for name, value in image.parameters.items():
        if value is not None and not isinstance(value, (dict, list, tuple, bytes)):
            lines.append((words.parameter(name), words.short(option_value(name, value), _MOST_VALUE), False))
    if image.model:
        lines.append((tr("Cost"), words.cost(image.cost), image.cost is None))
    if image.input_tokens is not None or image.output_tokens is not None:
        total = (image.input_tokens or 0) + (image.output_tokens or 0)
        lines.append((tr("Tokens"), f"{total:,}", False))
    lines.append((tr("Origin"), words.origin_words().get(image.origin, image.origin), False))
    lines.append((tr("Made"), words.moment(image.created_at), False))
    return lines
