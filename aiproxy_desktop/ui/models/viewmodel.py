"""The models tab without its widgets: what is shown, what can be done, and doing it. QtCore only."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.ui.models import words
from aiproxy_desktop.ui.models.backend import ModelsBackend
from aiproxy_desktop.ui.models.best.viewmodel import BestViewModel
from aiproxy_desktop.ui.models.details.viewmodel import DetailsViewModel
from aiproxy_desktop.ui.models.downloads.viewmodel import DownloadsViewModel
from aiproxy_desktop.ui.models.local.viewmodel import LocalModelsViewModel
from aiproxy_desktop.ui.models.ollama.viewmodel import OllamaViewModel
from aiproxy_desktop.ui.models.providers.viewmodel import ProvidersViewModel
from aiproxy_desktop.ui.models.table.viewmodel import ModelTable
from aiproxy_desktop.ui.moments import ago
from aiproxy_desktop.ui.shell.notice import Notice
from aiproxy_desktop.ui.translation import tr


class ModelsViewModel(QObject):
    """State and actions of the tab over parts that each hold one thing. Await `close` at the end."""

    age_changed = Signal()  # read `age` and `refreshing`
    noticed = Signal(object)  # Notice
    chat_wanted = Signal(str)  # a model's reference: begin a chat with it
    compare_wanted = Signal(str)  # a model's reference: ask it beside another
    images_wanted = Signal(str)  # a model's reference: make pictures with it
    voice_wanted = Signal(str)  # a model's reference: talk with it

    def __init__(
        self,
        behind: ModelsBackend,
        on_unexpected: Callable[[Exception], None],
        parent: QObject | None = None,
    ) -> None:
        """Wire the services up; nothing runs before `start`.

        Args:
            behind: the services it uses; whoever built them starts and closes them.
            on_unexpected: told of errors nobody planned for.
            parent: of the QObject.
        """
        super().__init__(parent)
        self._behind = behind
        self._providers = behind.providers
        self._settings = behind.settings
        self._refreshing = False
        self._unsubscribe: list[Callable[[], None]] = []
        self.scope = TaskScope("models", on_unexpected)
        self.table = ModelTable(behind.providers, behind.settings, behind.facts.seen, self.scope, parent=self)
        self.details = DetailsViewModel(
            behind.providers, behind.settings, behind.facts, on_unexpected, parent=self
        )
        self.best = BestViewModel(behind.providers, behind.settings, behind.facts, on_unexpected, parent=self)
        self.downloads = DownloadsViewModel(behind.downloads, behind.settings, on_unexpected, parent=self)
        self.local = LocalModelsViewModel(behind.local, on_unexpected, parent=self)
        self.providers = ProvidersViewModel(
            *(behind.providers, behind.settings, behind.keys, on_unexpected, behind.refresher), parent=self
        )
        self.ollama = OllamaViewModel(behind.ollama, on_unexpected, parent=self)
        self.table.failed.connect(self._say_error)
        for part in (self.local, self.providers):
            part.noticed.connect(self.noticed)
        self.downloads.noticed.connect(self.noticed)
        self.ollama.changes.deleted.connect(self._say_deleted)
        self.ollama.changes.copied.connect(self._say_copied)

    # Life

    def start(self) -> None:
        """Show the last known lists, and follow what comes."""
        self.table.start()
        self.providers.start()
        self.downloads.start()
        self.local.start()
        self._unsubscribe = [
            self._providers.subscribe(self._providers_changed),
            self._behind.facts.changed.add(lambda _references: self.table.look_again()),
        ]
        self._providers_changed()

    async def close(self) -> None:
        """Leave nothing running."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        for part in (
            self.table,
            self.details,
            self.best,
            self.downloads,
            self.local,
            self.providers,
            self.ollama,
        ):
            await part.close()
        await self.scope.close()

    # What is shown

    @property
    def refreshing(self) -> bool:
        """Whether all lists are being asked for."""
        return self._refreshing

    @property
    def age(self) -> str:
        """How old the newest list is, in words; empty while there is none."""
        if self._refreshing:
            return tr("Refreshing…")
        listed_at = self.table.listed_at
        return "" if listed_at is None else tr("Lists refreshed {ago}", ago=ago(listed_at))

    def kind_of(self, reference: str) -> str:
        """What kind of provider a model is of; empty where that is gone."""
        provider = reference.partition(":")[0]
        return next((state.kind for state in self.table.states if state.id == provider), "")

    def is_kept_host(self, provider_id: str) -> bool:
        """Whether it is an Ollama server that was added by hand."""
        return self._behind.ollama.kept(provider_id) is not None

    def is_default(self, reference: str) -> bool:
        """Whether new chats begin with this model."""
        default = self._providers.default_model()
        return default is not None and default.reference == reference

    # What can be done

    def refresh(self) -> None:
        """Ask every provider for its models, now."""
        if not self._refreshing:
            self.scope.attempt(self._refresh, self._say_error, "refresh")

    def make_default(self, reference: str) -> None:
        """Begin new chats with this model."""
        row = self.table.row(reference)
        name = reference if row is None else row.model.display_name
        former = self._settings.current.model

        async def make() -> None:
            await self._settings.update(model=reference)
            self.noticed.emit(
                Notice(tr("New chats begin with {model}", model=name), lambda: self._restore(former))
            )
            self.age_changed.emit()

        self.scope.attempt(make, self._say_error, "default model")

    def toggle_hidden(self, reference: str) -> None:
        """Leave a model out of the table, or bring it back."""
        row = self.table.row(reference)
        self.table.toggle_hidden(reference)
        if row is not None and not row.hidden:
            text = tr("{model} is hidden", model=row.model.display_name)
            self.noticed.emit(Notice(text, lambda: self.table.toggle_hidden(reference)))

    def remove_host(self, provider_id: str) -> None:
        """Take away an Ollama server that was added by hand; what it holds stays there."""
        host = self._behind.ollama.kept(provider_id)
        if host is None:
            return
        known = host

        async def bring_back() -> None:
            await self._behind.ollama.add_host(known.name, known.host)

        def undo() -> None:
            self.scope.attempt(bring_back, self._say_error, "bring a server back")

        async def remove() -> None:
            await self._behind.ollama.remove_host(provider_id)
            self.noticed.emit(Notice(tr("{server} is removed", server=known.name), undo))

        self.scope.attempt(remove, self._say_error, "remove a server")

    # Inside

    def _providers_changed(self) -> None:
        servers = (state for state in self.table.states if state.kind == "ollama" and state.status == "ready")
        self.downloads.set_hosts([(state.id, state.label) for state in servers])
        self.age_changed.emit()

    def _restore(self, model: str | None) -> None:
        self.scope.attempt(lambda: self._settings.update(model=model), self._say_error, "default model")

    async def _refresh(self) -> None:
        self._refreshing = True
        self.age_changed.emit()
        try:
            self._behind.refresher.refresh()
            await self._behind.refresher.settled()
        finally:
            self._refreshing = False
            self.age_changed.emit()

    def _say_deleted(self, reference: str, freed: int | None) -> None:
        name = reference.partition(":")[2].removesuffix(":latest")
        if freed:
            text = tr("{model} is deleted, which freed {size}", model=name, size=words.size(freed))
        else:
            text = tr("{model} is deleted", model=name)
        self.noticed.emit(Notice(text))

    def _say_copied(self, reference: str) -> None:
        name = reference.partition(":")[2].removesuffix(":latest")
        self.noticed.emit(Notice(tr("{model} is there now", model=name)))

    def _say_error(self, error: AIProxyError) -> None:
        self.noticed.emit(Notice(str(error)))
