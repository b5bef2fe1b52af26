"""The options of a conversation, in a popover: shows what the view-model holds, passes on what is set."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from aiproxy_desktop.ui.chat.models.button import ModelButton
from aiproxy_desktop.ui.chat.models.choice import ModelChoice
from aiproxy_desktop.ui.chat.options.fields import OptionFields
from aiproxy_desktop.ui.chat.options.rows import OptionRow
from aiproxy_desktop.ui.chat.options.viewmodel import ConversationOptions
from aiproxy_desktop.ui.chat.writing.name_form import NameForm
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.select import Select

_WIDTH = 400
_PAD = 12
# Of a persona's name, beside the button that saves one.
_MOST_PERSONA = 108


class OptionsPanel(QScrollArea):
    """Persona and model above the fields."""

    model_wanted = Signal(object)  # the button to open the picker at
    resized = Signal()

    def __init__(
        self,
        themes: ThemeController,
        options: ConversationOptions,
        models: ModelChoice,
        *,
        one_model: bool = True,
    ) -> None:
        """Make it; `one_model`: there is one to be chosen, not several that are compared."""
        super().__init__()
        self._one_model = one_model
        self._options = options
        self._models = models
        self.setObjectName("chat.options.panel")
        self.setAccessibleName(tr("Options"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._make_controls(themes)
        self._inner = self._lay_out()
        self.setWidget(self._inner)
        self._follow()
        self.show_options()
        for widget in self._inner.findChildren(QWidget):
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
                widget.installEventFilter(self)

    def sizeHint(self) -> QSize:
        layout = self._inner.layout()
        assert layout is not None
        # The area gives its widget at least the minimum, which counts sentences at their narrowest.
        least = self._inner.minimumSizeHint().height()
        return QSize(_WIDTH, max(layout.totalHeightForWidth(_WIDTH), least))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # What the keys reach is in sight, also where the window is low.
        if event.type() == QEvent.Type.FocusIn and isinstance(watched, QWidget):
            self.ensureWidgetVisible(watched, 0, _PAD)
        return False

    def show_options(self) -> None:
        """Show what holds now."""
        self._show_persona()
        self._model.show_choice(self._models.choice)
        self._fields.show_options(self._options.current, self._options.limits)
        self._reset.setEnabled(self._options.set_count > 0)
        self.resized.emit()

    def _make_controls(self, themes: ThemeController) -> None:
        self._reset = Button(themes, tr("Reset"), name="chat.options.reset", kind="link")
        self._reset.setAccessibleName(tr("Leave every option to the provider"))
        self._persona = Select(
            *(themes, tr("None"), []),
            name="chat.options.persona",
            accessible_name=tr("Persona"),
            most=_MOST_PERSONA,
        )
        self._save_as = Button(themes, tr("Save as…"), name="chat.options.savePersona", kind="quiet")
        self._save_as.setAccessibleName(tr("Save these settings as a persona"))
        self._name = NameForm(themes, tr("Name of the persona"), name="chat.options.personaForm")
        self._name.hide()
        self._model = ModelButton(themes)
        self._model.setObjectName("chat.options.model")
        self._fields = OptionFields(themes, name="chat.options")

    def _lay_out(self) -> QWidget:
        inner = QWidget()
        inner.setProperty("layer", "raised")
        column = QVBoxLayout(inner)
        column.setContentsMargins(_PAD, 8, _PAD, _PAD)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(Label(tr("Options"), "body_strong"), 1)
        head.addWidget(self._reset)
        column.addLayout(head)
        column.addWidget(OptionRow(tr("Persona"), self._persona, self._save_as))
        column.addWidget(self._name)
        model = OptionRow(tr("Model"), self._model)
        model.setVisible(self._one_model)
        column.addWidget(model)
        column.addWidget(self._fields)
        column.addStretch(1)
        return inner

    def _follow(self) -> None:
        options = self._options
        options.changed.connect(self.show_options)
        options.persona_saved.connect(self._persona_saved)
        options.persona_refused.connect(self._name.refuse)
        self._reset.clicked.connect(options.clear)
        self._persona.chosen.connect(options.apply)
        self._save_as.clicked.connect(self._ask_name)
        self._name.submitted.connect(options.save_persona)
        self._name.resized.connect(self.resized)
        self._model.clicked.connect(lambda: self.model_wanted.emit(self._model))
        self._fields.changed.connect(lambda field, value: options.set(**{field: value}))

    def _show_persona(self) -> None:
        personas, current = self._options.personas, self._options.persona
        self._persona.set_options([("", tr("None")), *((persona.id, persona.name) for persona in personas)])
        self._persona.set_value("" if current is None else current.id)
        shown = tr("None") if current is None else current.name
        self._persona.setAccessibleName(tr("Persona: {name}", name=shown))

    def _ask_name(self) -> None:
        self._name.show()
        self._name.begin()
        self.resized.emit()

    def _persona_saved(self, _name: str) -> None:
        if not self._name.isHidden():
            self._name.hide()
            self._save_as.setFocus(Qt.FocusReason.OtherFocusReason)
            self.resized.emit()
