"""The model whose details are shown, and what is asked about it. QtCore only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from PySide6.QtCore import QObject, QTimer, Signal

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.live.models import live_model_facts
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.services.model_facts import ModelFactsService, ModelLists
from aiproxy_desktop.services.model_places import place_of
from aiproxy_desktop.services.provider_states import ProviderState, chats
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.services.task_scope import TaskScope, cancel_once
from aiproxy_desktop.ui.chat.models.rows import find_model
from aiproxy_desktop.ui.models.details.groups import Group, details_group, groups_of
from aiproxy_desktop.ui.translation import tr

Asked: TypeAlias = Literal["nothing", "loading", "there", "failed"]

# Milliseconds. Going down the table with the arrows asks nobody about each line.
_REST = 150


@dataclass(frozen=True, slots=True)
class ShownModel:
    """All that the panel shows of a model without asking anybody.

    `listed` is False where no provider lists it any more; then little is known, and nothing can be begun.
    """

    reference: str
    name: str
    id: str
    where: str
    groups: tuple[Group, ...] = ()
    listed: bool = True
    chats: bool = True
    makes_images: bool = False
    speaks: bool = False
    favourite: bool = False
    hidden: bool = False
    default: bool = False


class DetailsViewModel(QObject):
    """One model at a time; await `close` at the end."""

    changed = Signal()  # read `shown`
    asked_changed = Signal()  # read `asked`, `about` and `error`

    def __init__(
        self,
        providers: ModelLists,
        settings: SettingsService,
        facts: ModelFactsService,
        on_unexpected: Callable[[Exception], None],
        parent: QObject | None = None,
    ) -> None:
        """Wire up. It follows the services from the first `show_model` on.

        Args:
            providers: what they list.
            settings: favourites, hidden models and the default.
            facts: who said what, and what was seen here.
            on_unexpected: told what nobody planned for.
            parent: of the QObject.
        """
        super().__init__(parent)
        self._providers = providers
        self._settings = settings
        self._facts = facts
        self._scope = TaskScope("model details", on_unexpected)
        self._unsubscribe: list[Callable[[], None]] = []
        self._reference = ""
        self._shown: ShownModel | None = None
        self._asking: asyncio.Task[object] | None = None
        self._answers = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_REST)
        self._soon.timeout.connect(self.ask)
        self._asked: Asked = "nothing"
        self._about: Group | None = None
        self._error: AIProxyError | None = None

    async def close(self) -> None:
        """Leave nothing running."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []
        self._soon.stop()
        await self._scope.close()

    # What is shown

    @property
    def reference(self) -> str:
        """The model's `provider:id`; empty while none is shown."""
        return self._reference

    @property
    def shown(self) -> ShownModel | None:
        """What is known of it."""
        return self._shown

    @property
    def asked(self) -> Asked:
        """How far the question to its provider is; "nothing" where it need not be asked."""
        return self._asked

    @property
    def about(self) -> Group | None:
        """What its provider told."""
        return self._about

    @property
    def error(self) -> AIProxyError | None:
        """Why its provider told nothing."""
        return self._error

    # What can be done

    def show_model(self, reference: str) -> None:
        """Show another model, and ask its provider where that has more to tell."""
        if not self._unsubscribe and not self._scope.closed:
            self._unsubscribe = [
                self._providers.subscribe(self._lists_changed),
                self._settings.subscribe(lambda _settings: self.refresh()),
                self._facts.changed.add(self._usage_changed),
            ]
        if reference != self._reference:
            self._reference = reference
            self._answers = self._provider_answers()
            self.refresh()
            self._stop_asking()
            self._tell("nothing" if self._to_ask() is None else "loading")
            self._soon.start()

    def refresh(self) -> None:
        """Look again at what is known; times of listing and of last use have grown older, too."""
        shown = self._look()
        if shown != self._shown:
            self._shown = shown
            self.changed.emit()

    def ask(self) -> None:
        """Ask the model's provider for what its list does not have, again where that failed."""
        self._stop_asking()
        model = self._to_ask()
        if model is None:
            self._tell("nothing")
            return
        self._tell("loading")
        self._asking = self._scope.attempt(
            lambda: self._ask(model), lambda error: self._tell("failed", error=error), "ask"
        )

    # Inside

    def _stop_asking(self) -> None:
        self._soon.stop()
        if self._asking is not None:
            cancel_once(self._asking)
            self._asking = None

    def _to_ask(self) -> ModelInfo | None:
        model = find_model(self._providers.states(), self._reference)
        return None if model is None or self._scope.closed or not self._facts.can_describe(model) else model

    async def _ask(self, model: ModelInfo) -> None:
        details = await self._facts.details(model)
        about = None if details is None else details_group(details)
        self._tell("nothing" if about is None else "there", about)

    def _tell(self, asked: Asked, about: Group | None = None, error: AIProxyError | None = None) -> None:
        self._asked, self._about, self._error = asked, about, error
        self.asked_changed.emit()

    def _lists_changed(self) -> None:
        self.refresh()
        answered, self._answers = self._answers, self._provider_answers()
        if self._reference and self._answers and not answered:
            self.ask()  # it was not there before, and may tell more now

    def _provider_answers(self) -> bool:
        provider = self._reference.partition(":")[0]
        return any(state.id == provider and state.status == "ready" for state in self._providers.states())

    def _usage_changed(self, references: frozenset[str]) -> None:
        if self._reference in references:
            self.refresh()

    def _look(self) -> ShownModel | None:
        if not self._reference:
            return None
        states = self._providers.states()
        provider, _, model_id = self._reference.partition(":")
        state = next((state for state in states if state.id == provider), None)
        model = find_model(states, self._reference)
        if model is None or state is None:
            label = provider if state is None else state.label
            return ShownModel(self._reference, model_id, model_id, label, self._seen(), listed=False)
        able, settings = model.capabilities, self._settings.current
        default = self._providers.default_model()
        return ShownModel(
            self._reference,
            model.display_name,
            model.id,
            tr("{provider}, {place}", provider=state.label, place=_place(model, state)),
            self._groups(model, state),
            chats=chats(model),
            makes_images=able.images_out is True,
            speaks=live_model_facts(model.id) is not None,
            favourite=self._reference in settings.favourite_models,
            hidden=self._reference in settings.hidden_models,
            default=default is not None and default.reference == self._reference,
        )

    def _groups(self, model: ModelInfo, state: ProviderState) -> tuple[Group, ...]:
        return groups_of(
            model,
            self._facts.sources(model, state),
            state.label,
            listed=state.listed_at,
            table=self._facts.table_day,
            usage=self._facts.usage(model.reference),
            file=state.kind == "builtin",
        )

    def _seen(self) -> tuple[Group, ...]:
        """What is left of a model that is gone."""
        provider, _, model_id = self._reference.partition(":")
        model = ModelInfo(model_id, provider, model_id)
        nothing = self._facts.sources(model, None)
        groups = groups_of(
            model, nothing, provider, listed=None, table=None, usage=self._facts.usage(self._reference)
        )
        return groups[-1:]


def _place(model: ModelInfo, state: ProviderState) -> str:
    # In the middle of a line, where `words.place` begins one.
    where = place_of(model, state.base_url, state.kind)
    return {"computer": tr("this computer"), "network": tr("network"), "cloud": tr("cloud")}[where]
