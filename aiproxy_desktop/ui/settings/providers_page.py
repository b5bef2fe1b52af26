"""Settings, Providers and keys."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from aiproxy_desktop.ui.settings.cards import RowCard
from aiproxy_desktop.ui.settings.editor import Editor
from aiproxy_desktop.ui.settings.forms import EditorForm, EndpointForm, host_form, key_form
from aiproxy_desktop.ui.settings.scroll_column import ScrollColumn
from aiproxy_desktop.ui.settings.viewmodel import SettingsViewModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button, PaintedButton
from aiproxy_desktop.ui.widgets.focus import focused_widget, has_focus_inside
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.painting import margins

_NARROW = 680


class ProvidersPage(ScrollColumn):
    """Two cards of rows and the inline editors of both."""

    def __init__(
        self, view_model: SettingsViewModel, themes: ThemeController, parent: QWidget | None = None
    ) -> None:
        super().__init__(tr("Providers and keys"), name="settings.providers", parent=parent)
        self._view_model = view_model
        self._themes = themes
        self._form: EditorForm | None = None
        self._dialog: QFileDialog | None = None
        self._keys_line = Label("", "body", "secondary", wrap=True)
        self._providers = RowCard(themes, prefix="settings.provider", name="settings.providers.card")
        self._endpoints = RowCard(themes, prefix="settings.endpoint", name="settings.endpoints.card")
        self._footer = self._make_footer()
        self._endpoints.set_footer(self._footer)
        self.column.addSpacing(4)
        self._look_again = Button(themes, tr("Look again"), name="settings.keyring.lookAgain", kind="link")
        self._look_again.setAccessibleName(tr("Look for a keyring again"))
        self._look_again.clicked.connect(self._look_for_keyring)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self._keys_line, 1)
        line.addWidget(self._look_again)
        self.column.addLayout(line)
        self.column.addSpacing(20)
        self.column.addWidget(self._providers)
        self.column.addSpacing(24)
        self.column.addWidget(Label(tr("OpenAI-compatible endpoints"), "reading_strong"))
        self.column.addSpacing(8)
        self.column.addWidget(self._endpoints)
        self.column.addStretch(1)
        self._providers.acted.connect(view_model.act)
        self._endpoints.acted.connect(view_model.act)
        view_model.rows_changed.connect(self._show_rows)
        view_model.editor_changed.connect(self._show_editor)
        self._show_rows()
        self._show_editor()

    def resizeEvent(self, event: QResizeEvent) -> None:
        # Before the layout runs, so that it runs once and with the right columns.
        for card in (self._providers, self._endpoints):
            card.set_narrow(event.size().width() < _NARROW)
        super().resizeEvent(event)

    def focus_start(self) -> None:
        """Put the focus on the first button."""
        self._add.setFocus(Qt.FocusReason.OtherFocusReason)

    def _make_footer(self) -> QWidget:
        footer = QWidget()
        row = QHBoxLayout(footer)
        row.setContentsMargins(margins(6, 8, 16, 8))
        self._add = Button(
            self._themes, tr("Add an endpoint"), name="settings.endpoint.add", kind="quiet", icon="plus"
        )
        self._add.clicked.connect(self._add_endpoint)
        self._empty = Label(
            tr("Any server that speaks OpenAI’s API: hosted, or on this computer"), "meta", "muted"
        )
        row.addWidget(self._add)
        row.addStretch(1)
        row.addWidget(self._empty)
        return footer

    def _look_for_keyring(self) -> None:
        self._view_model.look_for_keyring()

    def _add_endpoint(self) -> None:
        self._view_model.edit_endpoint()

    def _show_rows(self) -> None:
        self._keys_line.setText(self._view_model.keys_sentence)
        self._look_again.setVisible(self._view_model.keyring_missing)
        self._providers.set_rows(self._view_model.providers)
        endpoints = self._view_model.endpoints
        self._endpoints.set_rows(endpoints)
        self._empty.setVisible(not endpoints)
        self._order_tabs()

    def _order_tabs(self) -> None:
        """Tab goes as the eye does; Qt's own order is that in which things were made."""
        stops = [self._look_again, *self._providers.tab_stops(), *self._endpoints.tab_stops()]
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)

    def _show_editor(self) -> None:
        editor = self._view_model.editor
        former = self._form
        if editor is not None and former is not None and former.editor.identity == editor.identity:
            former.show_editor(editor)
            return
        pressed = focused_widget()
        by_keyboard = pressed.keyboard_focus if isinstance(pressed, PaintedButton) else pressed is not None
        had_focus = former is not None and has_focus_inside(former)
        self._form = self._make_form(editor) if editor is not None else None
        is_endpoint = editor is not None and editor.kind == "endpoint"
        self._providers.set_editor(None if is_endpoint else self._form, editor.target if editor else "")
        self._endpoints.set_editor(self._form if is_endpoint else None, editor.target if editor else "")
        self._footer.setVisible(not (is_endpoint and editor is not None and not editor.target))
        self._endpoints.refresh_edges()
        self._order_tabs()
        reason = Qt.FocusReason.TabFocusReason if by_keyboard else Qt.FocusReason.OtherFocusReason
        if self._form is not None:
            self._form.start(reason)
            self.lay_out_now()
            self.ensureWidgetVisible(self._form, 0, 24)
        elif had_focus and former is not None:
            self._focus_row(former.editor, reason)

    def _focus_row(self, editor: Editor, reason: Qt.FocusReason) -> None:
        card = self._endpoints if editor.kind == "endpoint" else self._providers
        row = card.row(editor.target)
        target = (row.first_button() if row is not None else None) or self._add
        target.setFocus(reason)

    def _make_form(self, editor: Editor) -> EditorForm:
        if editor.kind == "endpoint":
            endpoint = EndpointForm(self._themes, editor, "")
            endpoint.submitted.connect(self._view_model.submit_endpoint)
            endpoint.tested.connect(self._view_model.test_endpoint)
            endpoint.cancelled.connect(self._view_model.cancel_editor)
            return endpoint
        if editor.kind == "key":
            form = key_form(self._themes, editor, self._view_model.key_place_sentence)
            form.submitted.connect(self._view_model.submit_key)
        else:
            form = host_form(self._themes, editor)
            form.submitted.connect(self._view_model.submit_host)
        form.cancelled.connect(self._view_model.cancel_editor)
        return form
