"""One provider beside the table: how it stands, what is known of it, its key."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.ui.models.providers.actions import ActionButtons
from aiproxy_desktop.ui.models.providers.forms import KeyForm, ProviderForm
from aiproxy_desktop.ui.models.providers.viewmodel import ProvidersViewModel
from aiproxy_desktop.ui.models.providers.words import ProviderView
from aiproxy_desktop.ui.settings.editor import Editor
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.dot import Dot
from aiproxy_desktop.ui.widgets.focus import has_focus_inside
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.panel import QUIET, FactRow, Panel, reaching, rule

_NAME = "models.provider"
# “2 minutes ago” is worked out again this often, while it is seen.
_TICK_MS = 30_000


class ProviderPanel(Panel):
    """One provider. `show_provider` says which; `extra` takes what else there is for it, `reaching` QUIET."""

    def __init__(
        self, themes: ThemeController, view_model: ProvidersViewModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(themes, tr("Provider"), name=_NAME, parent=parent)
        self._view_model = view_model
        self._provider = ""
        self._form: KeyForm | ProviderForm | None = None
        self._editor: Editor | None = None
        self._facts_shown: tuple[object, ...] = ()
        self._dot = Dot(themes)
        self._sentence = Label("", "body_medium", wrap=True)
        self._advice = Label("", "body", "secondary", wrap=True)
        self._problem = Label("", "body", "danger", wrap=True)
        self._buttons = ActionButtons(themes, name=_NAME)
        self._facts = QVBoxLayout()
        self._facts.setSpacing(0)
        self._key_rule, self._key_line = rule(), Label("", "body", wrap=True)
        self._key_buttons = ActionButtons(themes, name=_NAME)
        self._question = Label("", "body", "danger", wrap=True)
        self._answers = ActionButtons(themes, name=_NAME)
        for buttons in (self._buttons, self._key_buttons, self._answers):
            buttons.acted.connect(self._act)
        self._form_place = QVBoxLayout()
        self.extra = QVBoxLayout()
        self.extra.setSpacing(8)
        self._build()
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._show)
        view_model.rows_changed.connect(self._show)
        view_model.editor_changed.connect(self._show_editor)

    @property
    def provider(self) -> str:
        """The id of the one shown; empty before the first."""
        return self._provider

    def show_provider(self, provider_id: str) -> None:
        """Show another provider. An editor that is open for it opens here too."""
        if provider_id != self._provider and self._editor is not None:
            self._view_model.cancel_editor()
        self._provider = provider_id
        self._show()
        self._show_editor()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()
        self._show()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _build(self) -> None:
        state = QHBoxLayout()
        state.setSpacing(8)
        state.addWidget(self._dot, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(4)
        for label in (self._sentence, self._advice, self._problem):
            words.addWidget(label)
        state.addLayout(words, 1)
        self.column.addLayout(state)
        self.column.addSpacing(4)
        self.column.addWidget(self._buttons)
        self.column.addWidget(self._question)
        self.column.addWidget(self._answers)
        self.column.addLayout(self._form_place)
        self.column.addSpacing(4)
        self.column.addWidget(rule())
        self.column.addLayout(self._facts)
        self.column.addWidget(self._key_rule)
        self._key_head = Label(tr("Key"), "meta", "muted")
        self.column.addWidget(self._key_head)
        self.column.addWidget(self._key_line)
        self.column.addWidget(self._key_buttons)
        self.column.addLayout(reaching(self.extra, QUIET))
        self.column.addStretch(1)

    def _act(self, action: str) -> None:
        if action == "refresh":
            self._view_model.refresh(self._provider)
        else:
            self._view_model.act(self._provider, action)

    def _show(self) -> None:
        view = self._view_model.view(self._provider)
        if view is None:
            if self._provider:
                self._provider = ""
                self.closed.emit()
            return
        self.set_title(view.label)
        self._dot.set_state(view.dot)
        self._say(self._sentence, view.sentence)
        self._sentence.set_tone("text" if view.tone == "muted" else view.tone)
        self._say(self._advice, view.advice)
        self._say(self._problem, self._view_model.problem)
        self._buttons.show_actions(() if self._editor else view.actions)
        self._say(self._question, view.question)
        self._answers.show_actions(view.answers)
        self._show_facts(view)
        editing_key = self._editor is not None and self._editor.kind == "key"
        for part in (self._key_rule, self._key_head):
            part.setVisible(bool(view.key_line))
        self._say(self._key_line, view.key_line)
        self._key_buttons.show_actions(() if editing_key or view.question else view.key_actions)

    def _show_facts(self, view: ProviderView) -> None:
        if view.facts == self._facts_shown:
            return
        self._facts_shown = view.facts
        while (item := self._facts.takeAt(0)) is not None:
            gone = item.widget()
            if gone is not None:
                gone.hide()
                gone.deleteLater()
        for fact in view.facts:
            self._facts.addWidget(FactRow(fact.name, fact.value, muted=fact.muted))

    def _show_editor(self) -> None:
        editor = self._view_model.editor
        if editor is not None and (
            not self._provider or editor.target != self._provider or editor.kind == "host"
        ):
            editor = None
        former, self._editor = self._editor, editor
        lost = False
        if editor is None or former is None or former.identity != editor.identity:
            lost = self._replace_form(editor)
        if isinstance(self._form, KeyForm) and editor is not None:
            self._form.show_editor(editor, self._view_model.key_place_sentence)
        elif isinstance(self._form, ProviderForm) and editor is not None:
            self._form.show_editor(editor)
        self._show()
        if lost:
            self.focus_start()  # only now: what the form had replaced is there again

    def _replace_form(self, editor: Editor | None) -> bool:
        """Put a form there, or none; whether the keys were in one that is gone without another."""
        former = self._form
        had_focus = former is not None and has_focus_inside(former)
        self._form = None if editor is None else self._make_form(editor)
        if former is not None:
            former.hide()
            self._form_place.removeWidget(former)
            former.deleteLater()
        if self._form is not None:
            self._form_place.addWidget(self._form)
            self._form.show()
            self._form.start()
        return had_focus and self._form is None

    def _make_form(self, editor: Editor) -> KeyForm | ProviderForm:
        if editor.kind == "key":
            place = self._view_model.key_place_sentence
            key = KeyForm(self.themes, editor.label, place, name=f"{_NAME}.keyForm")
            key.submitted.connect(self._view_model.submit_key)
            key.cancelled.connect(self._view_model.cancel_editor)
            self.keep_in_sight([key.key.input, key.submit])
            return key
        form = ProviderForm(self.themes, tr("Save"), name=f"{_NAME}.form")
        vendor = editor.values.get("vendor", "")
        form.name.set_text(editor.values.get("name", ""))
        form.url.set_text(editor.values.get("base_url", ""))
        form.url.input.setPlaceholderText(self._view_model.home_of(vendor))
        if editor.has_key:
            form.key.input.setPlaceholderText(tr("Leave empty to keep it"))
        form.submitted.connect(
            lambda name, url, key: self._view_model.submit_endpoint(name, url, key, vendor)
        )
        form.tested.connect(lambda name, url, key: self._view_model.test_endpoint(name, url, key, vendor))
        form.cancelled.connect(self._view_model.cancel_editor)
        self.keep_in_sight([form.name.input, form.url.input, form.key.input, form.submit])
        return form

    @staticmethod
    def _say(label: Label, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))
