"""Whether there is a newer version: one request a day at the most, and only where the person wants it.

The request holds nothing about the person, the computer or this installation: no query, no cookie, no
version. Nothing is ever downloaded; whoever wants the new version gets its page shown.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from aiproxy_desktop import __version__
from aiproxy_desktop.core.errors import (
    AIProxyError,
    ConfigurationError,
    ProtocolError,
    UnreachableError,
)
from aiproxy_desktop.core.http import HttpCall, HttpClient
from aiproxy_desktop.core.timeouts import Timeouts
from aiproxy_desktop.project import COMMAND, LATEST_RELEASE, REPOSITORY
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.services.subscribers import Subscribers
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.services.versions import Version, parse
from aiproxy_desktop.storage.settings import Settings

_log = logging.getLogger(__name__)

DAY = 24 * 60 * 60

# Seconds after the start: nobody waits for anything then.
_SETTLED = 20.0

# Seconds between two looks at the clock, which may have been asleep.
_LOOK = 15 * 60.0

_TIMEOUTS = Timeouts(connect=10.0, idle=10.0)
_SECONDS = 30.0

# Notes of a release and its list of files included.
_MOST_BYTES = 1024 * 1024

_ELSEWHERE = "Look at the page of releases, or try again later."


@dataclass(frozen=True, slots=True)
class Release:
    """A released version and the page that tells what is new in it."""

    version: str
    page: str


@dataclass(frozen=True, slots=True)
class UpdateState:
    """What is known of new versions.

    `told_at` is when a request was last answered, in seconds since 1970, 0 for never. `newest` is a version
    newer than `current`, with `skipped` where the person does not want to hear of it. `failed` tells why the
    last look of this run came to nothing.
    """

    current: str
    enabled: bool
    told_at: int = 0
    looking: bool = False
    newest: Release | None = None
    skipped: bool = False
    failed: AIProxyError | None = None


class UpdateService:
    """Looks for new versions. Await `close` at the end."""

    def __init__(
        self,
        http: HttpClient,
        settings: SettingsService,
        on_unexpected: Callable[[Exception], None],
        *,
        current: str = __version__,
        address: str = LATEST_RELEASE,
        now: Callable[[], float] = time.time,
        settled: float = _SETTLED,
        look: float = _LOOK,
    ) -> None:
        """Nothing runs before `start`, and nothing is asked before the person has said so.

        Args:
            http: shared client.
            settings: whether to look, and what came of it.
            on_unexpected: told of errors nobody planned for.
            current: the version that runs.
            address: of the newest release's description.
            now: seconds since 1970.
            settled: seconds from the start to the first look.
            look: seconds between two looks at the clock.
        """
        self._http = http
        self._settings = settings
        self._current = current
        self._address = address
        self._now = now
        self._settled = settled
        self._look = look
        self._scope = TaskScope("updates", on_unexpected)
        self._woken = asyncio.Event()
        self._looking: asyncio.Task[Any] | None = None
        self._failed: AIProxyError | None = None
        self._told = ""
        self._asked = False
        self._changed: Subscribers[[]] = Subscribers()
        self._found: Subscribers[[Release]] = Subscribers()
        self._unsubscribe = settings.subscribe(self._settings_changed)

    @property
    def state(self) -> UpdateState:
        """What is known now."""
        kept = self._settings.current.updates
        newest = self._newer(kept.found)
        return UpdateState(
            self._current,
            kept.look,
            kept.told_at,
            self._looking is not None and not self._looking.done(),
            newest,
            newest is not None and newest.version == kept.skipped,
            self._failed,
        )

    def on_changed(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call when `state` changed; the answer unsubscribes."""
        return self._changed.add(callback)

    def on_found(self, callback: Callable[[Release], None]) -> Callable[[], None]:
        """Call once in a run for a newer version that was not skipped; the answer unsubscribes."""
        return self._found.add(callback)

    def start(self) -> None:
        """Look when it is time to, from now on."""
        self._scope.start(self._keep_time(), "schedule")

    async def close(self) -> None:
        """Stop, a request under way too."""
        self._unsubscribe()
        await self._scope.close()

    async def set_enabled(self, *, on: bool) -> None:
        """Look once a day from now on, or not any more.

        Raises:
            StorageError: that cannot be remembered; it holds for this run.
        """
        await self._keep(look=on)

    async def skip(self, version: str) -> None:
        """Say no more about this version; the next one is told of again.

        Raises:
            StorageError: that cannot be remembered; it holds for this run.
        """
        await self._keep(skipped=version)

    async def look(self) -> None:
        """Ask now, because the person wants to know. What comes of it is in `state`; it raises nothing."""
        if self._looking is None or self._looking.done():
            self._looking = self._scope.start(self._ask_and_keep(), "look")
            self._looking.add_done_callback(lambda _task: self._changed())
            self._changed()
        await asyncio.wait((self._looking,))

    async def _keep_time(self) -> None:
        await asyncio.sleep(self._settled)
        while True:
            self._tell()
            if self._due():
                await self.look()
            self._woken.clear()
            # Not `asyncio.timeout`: one that runs out at the moment of closing would hide that from here.
            alarm = asyncio.get_running_loop().call_later(self._look, self._woken.set)
            try:
                await self._woken.wait()
            finally:
                alarm.cancel()

    def _due(self) -> bool:
        kept = self._settings.current.updates
        # A clock that was set back makes nobody wait for years.
        return kept.look and not 0 <= self._now() - kept.looked_at < DAY

    async def _ask_and_keep(self) -> None:
        try:
            # Remembered before anything is sent: one that fails was the day's request, too.
            await self._keep(looked_at=int(self._now()))
            async with asyncio.timeout(_SECONDS):
                found = await self._ask()
            self._failed, self._asked = None, True
            await self._keep(found=str(found), told_at=int(self._now()))
        except TimeoutError:
            self._failed = ProtocolError("GitHub took too long to answer", _ELSEWHERE)
        except AIProxyError as error:
            self._failed = error
        if self._failed is not None:
            _log.info("no newer version was looked for: %s", self._failed)
        self._tell()

    async def _ask(self) -> Version:
        """The newest version there is.

        Raises:
            AIProxyError: nobody tells.
        """
        headers = {"accept": "application/vnd.github+json", "user-agent": COMMAND}
        call = HttpCall(
            *("updates", "GitHub", "GET", self._address), headers=headers, timeouts=_TIMEOUTS, bare=True
        )
        try:
            body = await self._http.open(call)
            try:
                status, data = body.status, await body.read(_MOST_BYTES)
            finally:
                body.close()
        except (ConfigurationError, UnreachableError):
            raise
        except AIProxyError as error:  # what these advise is for providers, whose addresses can be set
            raise ProtocolError(error.title, _ELSEWHERE) from None
        if status != 200:
            raise _unread(f"It answered {status}. {_ELSEWHERE}")
        return _version_in(data)

    def _tell(self) -> None:
        state = self.state
        if not (state.enabled or self._asked):  # found on another day by someone who wants no news
            return
        if state.newest is not None and not state.skipped and state.newest.version != self._told:
            self._told = state.newest.version
            self._found(state.newest)

    def _newer(self, text: str) -> Release | None:
        found, current = parse(text), parse(self._current)
        if found is None or current is None or not found.is_newer_than(current):
            return None
        return Release(str(found), f"{REPOSITORY}/releases/tag/v{found}")

    async def _keep(self, **changes: Any) -> None:
        kept = msgspec.structs.replace(self._settings.current.updates, **changes)
        await self._settings.update(updates=kept)

    def _settings_changed(self, _settings: Settings) -> None:
        self._woken.set()
        self._changed()


class _Told(msgspec.Struct, frozen=True):
    """The little that is read of GitHub's description of a release."""

    tag_name: str
    draft: bool = False
    prerelease: bool = False


def _version_in(data: bytes) -> Version:
    try:
        told = msgspec.json.decode(data, type=_Told)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _unread(f"Its answer was not understood. {_ELSEWHERE}") from None
    found = parse(told.tag_name)
    if found is None or told.draft or told.prerelease:
        raise _unread(f"It named no version. {_ELSEWHERE}")
    return found


def _unread(advice: str) -> ProtocolError:
    return ProtocolError("GitHub did not tell which version is the newest", advice)
