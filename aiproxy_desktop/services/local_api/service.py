"""The local API as the window sees it: wanted by the settings, run by someone else, told of by values."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.local_api.listening import address_error
from aiproxy_desktop.services.local_api.log import RequestLog
from aiproxy_desktop.services.local_api.runner import ApiRunner
from aiproxy_desktop.services.local_api.token import TokenKeeper
from aiproxy_desktop.services.local_api.values import ApiRequest, ApiStatus
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.services.subscribers import Subscribers
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.api_settings import ApiSettings
from aiproxy_desktop.storage.keys import KeyStore, KnownKey
from aiproxy_desktop.storage.settings import Settings

# Seconds between two tellings of the log: live figures tick at most four times a second.
_TICK = 0.25


class LocalApiService:
    """Follows the settings: on when they say so, elsewhere when they say so. `start` it, `close` it."""

    def __init__(
        self,
        settings: SettingsService,
        keys: KeyStore,
        runner: ApiRunner,
        log: RequestLog,
        on_error: Callable[[Exception], None],
    ) -> None:
        """Describe it; nothing runs yet.

        Args:
            settings: their `api` is what is wanted, and what the actions here change.
            keys: where the token is kept.
            runner: serves; nobody else uses it.
            log: where the runner's server writes requests down; its `on_changed` is taken.
            on_error: told of errors that nobody planned for.
        """
        self._settings = settings
        self._keys = keys
        self._tokens = TokenKeeper(keys)
        self._runner = runner
        self._log = log
        self._on_error = on_error
        self._scope = TaskScope("local API", on_error)
        self._status = ApiStatus()
        self._seen = settings.current.api
        self._token: KnownKey | None = None
        self._begun = False  # the runner has to be stopped
        self._held: _Held | None = None  # what the running server holds to
        self._refused: _Held | None = None  # what it cannot hold to: not tried again until something changes
        self._broken = ""  # why it ended by itself
        self._wanted = asyncio.Event()
        self._unsubscribe: list[Callable[[], None]] = []
        self._tick: asyncio.TimerHandle | None = None
        self._log_told = False
        self.status_changed: Subscribers[[]] = Subscribers()
        self.settings_changed: Subscribers[[]] = Subscribers()
        self.log_changed: Subscribers[[]] = Subscribers()

    # What is so

    @property
    def status(self) -> ApiStatus:
        """Whether it runs, and where."""
        return self._status

    @property
    def settings(self) -> ApiSettings:
        """How it is set up."""
        return self._settings.current.api

    @property
    def token(self) -> KnownKey | None:
        """The token, once it was looked up or made."""
        return self._token

    @property
    def requests(self) -> tuple[ApiRequest, ...]:
        """The newest requests, oldest first."""
        return self._log.recent()

    # What can be done

    def start(self) -> None:
        """Follow the settings from now on. Call it on the loop of the window."""
        loop = asyncio.get_running_loop()

        def grew() -> None:
            # On the server's thread, for each request: the window's loop hears of it once a tick.
            if not self._log_told:
                self._log_told = True
                hop(loop, self._log_grew)

        self._log.on_changed = grew
        self._runner.on_ended = self._ended
        self._unsubscribe = [
            self._settings.subscribe(self._settings_differ),
            self._keys.subscribe(self._keyring_came),
        ]
        self._scope.start(self._follow(), "follow the settings")
        self._wanted.set()

    async def close(self) -> None:
        """End it. The settings stay, so that it is there again with the next run."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._log.on_changed = None
        self._runner.on_ended = None
        if self._tick is not None:
            self._tick.cancel()
        await self._scope.close()
        await self._stop()

    async def change(self, **changes: Any) -> None:
        """Change fields of `ApiSettings`; the server follows at once, without breaking off answers.

        Raises:
            StorageError: they hold for this run only, for they could not be written.
        """
        await self._settings.update(api=msgspec.structs.replace(self.settings, **changes))

    def try_again(self) -> None:
        """Try to listen again, where that failed."""
        self._refused = None
        self._wanted.set()

    async def look_up_token(self) -> KnownKey:
        """The token; made where there is none yet."""
        if self._token is None:
            self._token = await self._tokens.current()
            self.status_changed()
        return self._token

    async def rotate_token(self) -> KnownKey:
        """Make another token. Whoever has only the old one is refused from now on."""
        self._token = await self._tokens.rotate()
        self._wanted.set()
        self.status_changed()
        return self._token

    def clear_log(self) -> None:
        """Forget the requests that have ended."""
        self._log.clear()

    # How it goes

    def _settings_differ(self, settings: Settings) -> None:
        if settings.api != self._seen:
            self._seen = settings.api
            self._wanted.set()
            self.settings_changed()

    def _keyring_came(self) -> None:
        if self._token is not None and self._token.source == "session":
            self._scope.start(self._settle_token(self._token), "settle the token")

    async def _settle_token(self, token: KnownKey) -> None:
        settled = await self._tokens.settle(token)
        if self._token is token:
            self._token = settled
            self._wanted.set()
            self.status_changed()

    async def _follow(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await self._reconcile()
            except Exception as error:  # noqa: BLE001 - whatever the server trips over, its switch still works
                self._on_error(error)
                await self._give_up(f"The local API could not be started ({type(error).__name__}).")

    async def _reconcile(self) -> None:
        if self._broken:
            self._refused = self._held
            await self._give_up(self._broken)
            self._broken = ""
        wanted = self.settings
        if not wanted.enabled:
            self._refused = None
            await self._stop()
            return
        held = _Held(wanted, (await self.look_up_token()).key)
        if held in (self._held, self._refused):
            return
        if self._held is not None and self._held.address != held.address:
            await self._stop()
        if self._held is None:
            await self._begin(held)
        else:
            await self._apply(held)

    async def _begin(self, held: _Held) -> None:
        self._tell(ApiStatus("starting"))
        self._begun = True
        try:
            url = await self._runner.start(held.settings, held.token)
        except (OSError, AIProxyError) as error:
            self._refused = held
            if isinstance(error, OSError):
                error = address_error(error, held.settings.host, held.settings.port)
            await self._give_up(str(error))
            return
        self._held, self._refused = held, None
        self._tell(ApiStatus("on", url))

    async def _apply(self, held: _Held) -> None:
        try:
            await self._runner.apply(held.settings, held.token)
        except AIProxyError as error:
            self._refused = held
            self._tell(ApiStatus("on", self._status.url, str(error)))
            return
        self._held, self._refused = held, None
        self._tell(ApiStatus("on", self._status.url))

    async def _stop(self) -> None:
        if self._begun:
            self._tell(ApiStatus("stopping", self._status.url))
            await self._runner.stop()
        self._begun = False
        self._held = None
        self._tell(ApiStatus())

    async def _give_up(self, problem: str) -> None:
        await self._runner.stop()
        self._begun = False
        self._held = None
        self._tell(ApiStatus("failed", "", problem))

    def _ended(self, sentence: str) -> None:
        self._broken = sentence
        self._wanted.set()

    def _tell(self, status: ApiStatus) -> None:
        if status != self._status:
            self._status = status
            self.status_changed()

    def _log_grew(self) -> None:
        if not self._scope.closed:
            self._tick = asyncio.get_running_loop().call_later(_TICK, self._tell_log)

    def _tell_log(self) -> None:
        self._log_told = False
        self.log_changed()


@dataclass(frozen=True, slots=True)
class _Held:
    """What a server is to hold to."""

    settings: ApiSettings
    token: str = field(repr=False)

    @property
    def address(self) -> tuple[str, int, bool]:
        return self.settings.host, self.settings.port, self.settings.expose


def hop(loop: asyncio.AbstractEventLoop, function: Callable[[], None]) -> None:
    """Have a function called on a loop, from another thread; nothing happens once that loop is closed."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(function)
