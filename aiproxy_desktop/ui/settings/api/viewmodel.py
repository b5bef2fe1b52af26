"""What the page of the local API shows and does. QtCore only."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.services.local_api.entries import (
    EVERYWHERE,
    LOOPBACK,
    EntryError,
    alias_name,
    entries,
    host_entry,
    listen_address,
    origin_entry,
    port_number,
    proxy_entry,
)
from aiproxy_desktop.services.local_api.listening import is_loopback, url_of
from aiproxy_desktop.services.local_api.offerable import offerable
from aiproxy_desktop.services.local_api.service import LocalApiService
from aiproxy_desktop.services.local_api.snippets import MASK, Reach, Snippet, snippets
from aiproxy_desktop.services.local_api.values import ApiRequest, ApiStatus
from aiproxy_desktop.services.providers import ProviderService
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.api_settings import ApiSettings
from aiproxy_desktop.storage.keys import KeyStore, KnownKey
from aiproxy_desktop.ui.settings.api.models import OfferRow, offer_rows
from aiproxy_desktop.ui.settings.api.words import StateLine, state_line, token_place
from aiproxy_desktop.ui.shell.notice import Notice
from aiproxy_desktop.ui.translation import tr

_EXAMPLE_MODEL = "provider:model"


@dataclass(frozen=True, slots=True)
class TokenShown:
    """The token as the page has it: `text` is masked unless it is `shown`."""

    text: str
    place: str
    known: bool
    shown: bool
    confirming: bool


class ApiViewModel(QObject):
    """State and actions. Every action returns at once; await `close` at the end."""

    status_changed = Signal()  # `status`, `line`, `url`
    token_changed = Signal()  # `token`
    settings_changed = Signal()  # `settings`
    models_changed = Signal()  # what there is to offer
    requests_changed = Signal()  # `requests`
    noticed = Signal(object)  # Notice

    def __init__(
        self,
        service: LocalApiService,
        providers: ProviderService,
        keys: KeyStore,
        default_model: Callable[[], str],
        on_unexpected: Callable[[Exception], None],
        parent: QObject | None = None,
        *,
        registry: Registry | None = None,
    ) -> None:
        """Wire the services up; nothing is asked before `start`.

        Args:
            service: runs the local API.
            providers: whose models can be offered.
            keys: asked which keyring there is.
            default_model: the reference that a new conversation would ask, empty where there is none.
            on_unexpected: told of errors nobody planned for.
            parent: of the QObject.
            registry: where the providers are, for the models that draw and those one talks with; without it
                only those that their lists name can be offered.
        """
        super().__init__(parent)
        self._service = service
        self._registry = registry or Registry()
        self._providers = providers
        self._keys = keys
        self._default_model = default_model
        self._scope = TaskScope("local API page", on_unexpected)
        self._keyring = ""
        self._shown = False
        self._confirming = False
        self._unsubscribe: list[Callable[[], None]] = []

    def start(self) -> None:
        """Follow the service, and look the token up."""
        if self._unsubscribe:
            return
        self._unsubscribe = [
            self._service.status_changed.add(self._status_changed),
            self._service.settings_changed.add(self._settings_changed),
            self._service.log_changed.add(self.requests_changed.emit),
            self._providers.subscribe(self.models_changed.emit),
        ]
        self._do(self._look_up_token, "token")

    async def close(self) -> None:
        """Follow nothing any more."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []
        await self._scope.close()

    # The whole

    @property
    def status(self) -> ApiStatus:
        """Whether it runs, and where."""
        return self._service.status

    @property
    def line(self) -> StateLine:
        """The same in words."""
        return state_line(self.status, exposed=not is_loopback(self.settings.host))

    @property
    def settings(self) -> ApiSettings:
        """How it is set up."""
        return self._service.settings

    @property
    def url(self) -> str:
        """Where this computer reaches it, or would."""
        return self.status.url or url_of(self.settings.host, self.settings.port)

    @property
    def demo_url(self) -> str:
        """The page to try it with; empty while it is off."""
        return f"{self.status.url}/demo" if self.status.phase == "on" else ""

    def set_enabled(self, on: bool) -> None:
        """Start it or stop it, now and with each start of the application."""
        self._change(enabled=on)

    def try_again(self) -> None:
        """Try once more to listen."""
        self._service.try_again()

    # The token

    @property
    def token(self) -> TokenShown:
        """The token, masked unless it is shown."""
        known = self._service.token
        # Isolated: it is read from the left, whichever way a window is.
        hint = MASK if known is None else f"\u2066{MASK} {known.hint}\u2069"
        text = known.key if known is not None and self._shown else hint
        place = token_place(known, self._keyring)
        return TokenShown(text, place, known is not None, self._shown, self._confirming)

    @property
    def secret(self) -> str:
        """The token itself, for the clipboard; empty before it is known."""
        return self._service.token.key if self._service.token is not None else ""

    def show_token(self, shown: bool) -> None:
        """Show it in full, or its end alone."""
        if shown != self._shown:
            self._shown = shown
            self.token_changed.emit()

    def ask_to_replace(self, asked: bool) -> None:
        """Ask whether the token is to be replaced, or do not after all."""
        if asked != self._confirming:
            self._confirming = asked
            self.token_changed.emit()

    def replace_token(self) -> None:
        """Make another one; whoever has the old one is refused."""
        self._confirming = False
        self.token_changed.emit()
        self._do(self._replace, "replace the token")

    # Snippets

    @property
    def snippets(self) -> tuple[Snippet, ...]:
        """The programs there are ready-made pieces for."""
        return snippets()

    @property
    def usual_model(self) -> str:
        """What pieces of code ask for where nothing else is chosen.

        A name of one's own, else the default model where that is offered, else the first offered one that
        answers.
        """
        if self.settings.aliases:
            return self.aliases[0][0]
        default = self._default_model()
        if self.settings.only_offered and default not in self.settings.offered:
            models = offerable(self._providers.states(), self._registry)
            answering = {one.reference for one in models if one.kind == "chat"}
            return next((each for each in self.settings.offered if each in answering), _EXAMPLE_MODEL)
        return default or _EXAMPLE_MODEL

    def snippet(self, snippet_id: str, model: str = "", *, secret: bool = False) -> str:
        """A piece for a program, as it is shown; with the token itself where it is to be copied.

        Args:
            snippet_id: of the program.
            model: to ask for; the usual one where none is named.
            secret: whether it is to be copied.
        """
        chosen = next(one for one in snippets() if one.id == snippet_id)
        token = self.secret if secret or self._shown else MASK
        return chosen.write(Reach(self.url, model or self.usual_model, token or MASK))

    # Where it listens, and for whom

    def save_address(self, host: str, port: str) -> Mapping[str, str]:
        """Listen elsewhere.

        Returns:
            what is wrong, by field (`host`, `port`); nothing was changed then.
        """
        wrong: dict[str, str] = {}
        address, number = LOOPBACK, 0
        try:
            address = listen_address(host)
        except EntryError as error:
            wrong["host"] = str(error)
        try:
            number = port_number(port)
        except EntryError as error:
            wrong["port"] = str(error)
        if not wrong and not self.settings.expose and not is_loopback(address):
            wrong["host"] = tr("Other machines reach this address. Let them in first, with the switch below.")
        if not wrong:
            self._change(host=address, port=number)
        return wrong

    def set_exposed(self, on: bool) -> None:
        """Let other machines in, at every address of this one; or none of them, whatever the address was."""
        host = self.settings.host
        if on == is_loopback(host):
            host = EVERYWHERE if on else LOOPBACK
        self._change(expose=on, host=host)

    def save_access(self, hosts: str, origins: str, proxies: str) -> Mapping[str, str]:
        """Keep who is answered; entries one a line.

        Returns:
            what is wrong, by field (`hosts`, `origins`, `proxies`); nothing was changed then.
        """
        wrong: dict[str, str] = {}
        kept: dict[str, tuple[str, ...]] = {}
        readers = {
            "hosts": ("hosts", hosts, host_entry),
            "origins": ("origins", origins, origin_entry),
            "proxies": ("trusted_proxies", proxies, proxy_entry),
        }
        for field_id, (name, text, read) in readers.items():
            try:
                kept[name] = entries(text, read)
            except EntryError as error:
                wrong[field_id] = str(error)
        if not wrong:
            self._change(**kept)
        return wrong

    # Models

    @property
    def aliases(self) -> tuple[tuple[str, str], ...]:
        """Each name with what it stands for, by name."""
        return tuple(sorted(self.settings.aliases.items(), key=lambda pair: pair[0].casefold()))

    def add_alias(self, name: str, model: str) -> Mapping[str, str]:
        """Let a name stand for a model.

        Returns:
            what is wrong, by field (`name`, `model`); nothing was changed then.
        """
        wrong: dict[str, str] = {}
        try:
            name = alias_name(name)
        except EntryError as error:
            wrong["name"] = str(error)
        if not model.strip():
            wrong["model"] = tr("Choose the model that it stands for.")
        if not wrong:
            self._change_by(lambda api: {"aliases": {**api.aliases, name: model.strip()}})
        return wrong

    def remove_alias(self, name: str) -> None:
        """Forget a name; it can be taken back."""
        model = self.settings.aliases.get(name)
        if model is None:
            return

        def others(api: ApiSettings) -> Mapping[str, Any]:
            return {"aliases": {each: meant for each, meant in api.aliases.items() if each != name}}

        self._change_by(others)
        words = tr("The name {name} stands for nothing now.", name=name)
        self.noticed.emit(Notice(words, lambda: self._restore(name, model)))

    def offers(self, query: str = "") -> tuple[OfferRow, ...]:
        """The models there are, with whether others may use them."""
        states = self._providers.states()
        return offer_rows(offerable(states, self._registry), states, self.settings.offered, query)

    def set_only_offered(self, on: bool) -> None:
        """Offer the chosen models alone, or all."""
        self._change(only_offered=on)

    def set_offered(self, reference: str, on: bool) -> None:
        """Offer a model, or do not any more."""

        def ticked(api: ApiSettings) -> Mapping[str, Any]:
            others = tuple(each for each in api.offered if each != reference)
            return {"offered": (*others, reference) if on else others}

        self._change_by(ticked)

    # What was asked

    @property
    def requests(self) -> tuple[ApiRequest, ...]:
        """The newest requests, the newest first."""
        return self._service.requests[::-1]

    def clear_requests(self) -> None:
        """Forget those that have ended."""
        self._service.clear_log()

    # How it goes

    def _restore(self, name: str, model: str) -> None:
        self._change_by(lambda api: {"aliases": {name: model, **api.aliases}})

    def _change(self, **changes: Any) -> None:
        self._change_by(lambda _api: changes)

    def _change_by(self, changes: Callable[[ApiSettings], Mapping[str, Any]]) -> None:
        """Change what follows from the settings as they are then: two quick ticks are two ticks."""

        async def change() -> None:
            await self._service.change(**changes(self.settings))

        self._do(change, "settings")

    async def _look_up_token(self) -> None:
        await self._service.look_up_token()
        self._keyring = (await self._keys.status()).name
        self.token_changed.emit()

    async def _replace(self) -> None:
        token: KnownKey = await self._service.rotate_token()
        kept = token.source == "keyring"
        self.noticed.emit(
            Notice(
                tr("The token is another one now. Give it to your programs.")
                if kept
                else tr("The token is another one until the app is closed: no keyring keeps it.")
            )
        )

    def _do(self, work: Callable[[], Coroutine[Any, Any, None]], name: str) -> None:
        self._scope.attempt(work, self._say, name)

    def _say(self, error: AIProxyError) -> None:
        self.noticed.emit(Notice(str(error)))

    def _status_changed(self) -> None:
        self.status_changed.emit()
        self.token_changed.emit()

    def _settings_changed(self) -> None:
        self.settings_changed.emit()
        self.status_changed.emit()
