"""Keys: in the system's keyring, or in memory for this run. Never anywhere else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, Literal, TypeAlias, TypeVar

from aiproxy_desktop.core.credentials import EnvironmentCredentials
from aiproxy_desktop.core.provider import Credentials
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.core.threads import look_away, start_on_thread
from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.system_keyring import NoKeyringError, SystemKeyring

T = TypeVar("T")

KeySource: TypeAlias = Literal["keyring", "session", "environment"]
KeyPlace: TypeAlias = Literal["keyring", "session"]

DEFAULT_TIMEOUT = 3.0


@dataclass(frozen=True, slots=True)
class KeyringStatus:
    """Whether keys can be kept.

    `name` is what a person calls the keyring, empty when there is none; `reason` is a sentence when it
    is not available.
    """

    available: bool
    name: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key and where it was found; its text never shows in a repr."""

    key: str
    source: KeySource

    def __repr__(self) -> str:
        return f"KnownKey(source={self.source!r})"

    @property
    def hint(self) -> str:
        """The last four characters, or nothing of a key too short to show any of."""
        return self.key[-4:] if len(self.key) >= 12 else ""


class KeyStore:
    """The keys a person gave, by provider id.

    A keyring that does not answer within `timeout` seconds is left alone for the rest of the run, or
    until `retry`; its late answer, should one come (a person unlocking it, say), is taken up all the same.
    A key that was not there is looked for again after `patience` seconds; a server of many requests has some.
    """

    def __init__(
        self, redactor: Redactor, timeout: float = DEFAULT_TIMEOUT, *, patience: float = 0.0
    ) -> None:
        self._redactor = redactor
        self._timeout = timeout
        self._patience = patience
        self._missed: dict[str, float] = {}
        self._turn = asyncio.Lock()
        self._keyring: SystemKeyring | None = None
        self._status: KeyringStatus | None = None
        self._session: dict[str, str] = {}
        self._seen: dict[str, str] = {}
        self._listeners: list[Callable[[], None]] = []

    async def status(self) -> KeyringStatus:
        """Whether there is a keyring that answers; asked once a run."""
        if self._status is None:
            await self._ask(lambda keyring: keyring.get("availability"))
        return self._status or KeyringStatus(available=True, name=self._name)

    async def retry(self) -> KeyringStatus:
        """Look for a keyring again."""
        self._status = None
        self._keyring = None
        return await self.status()

    async def get(self, provider: str) -> str | None:
        """The key of a provider, or None."""
        known = await self.lookup(provider)
        return known.key if known else None

    async def lookup(self, provider: str) -> KnownKey | None:
        """The key of a provider and where it is kept, or None."""
        if provider in self._session:
            return KnownKey(self._session[provider], "session")
        if provider not in self._seen and time.monotonic() >= self._missed.get(provider, 0.0):
            answer = await self._ask(lambda keyring: keyring.get(provider), partial(self._late_get, provider))
            if answer is not None and answer.value is not None:
                self._remember(provider, answer.value)
            elif self._patience:
                self._missed[provider] = time.monotonic() + self._patience
        # Set or removed by the person while the keyring was being asked.
        if provider in self._session:
            return KnownKey(self._session[provider], "session")
        key = self._seen.get(provider)
        return KnownKey(key, "keyring") if key else None

    async def set(self, provider: str, key: str) -> KeyPlace:
        """Keep a key in the keyring, or for this run only where that cannot be.

        Args:
            provider: its id.
            key: as it will be sent (see `core.credentials.checked_key`).

        Returns:
            where it is kept.
        """
        self._redactor.add(key)
        self._seen.pop(provider, None)
        self._missed.pop(provider, None)
        self._session[provider] = key
        answer = await self._ask(
            lambda keyring: keyring.set(provider, key), lambda _: self._late_set(provider, key)
        )
        if answer is None:
            return "session"
        self._move_to_keyring(provider, key)
        return "keyring"

    async def remove(self, provider: str) -> None:
        """Forget a provider's key, in memory and in the keyring.

        Raises:
            StorageError: the keyring did not answer; the key may still be in it.
        """
        only_here = provider in self._session and self._status is not None and not self._status.available
        self._session.pop(provider, None)
        self._seen.pop(provider, None)
        if await self._ask(lambda keyring: keyring.delete(provider)) is not None:
            self._seen.pop(provider, None)
        elif self._name and not only_here:
            raise StorageError(
                f"The key may still be in {self._name}",
                f"{(await self.status()).reason} Unlock it and remove the key again.",
            )

    def forget_for_this_run(self, provider: str) -> None:
        """Forget a key that is in memory alone; what the keyring has stays there."""
        self._session.pop(provider, None)

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call when a keyring that was given up answers after all; the answer unsubscribes."""
        self._listeners.append(callback)

        def unsubscribe() -> None:
            if callback in self._listeners:
                self._listeners.remove(callback)

        return unsubscribe

    @property
    def _name(self) -> str:
        return self._keyring.name if self._keyring else ""

    async def _ask(
        self, work: Callable[[SystemKeyring], T], late: Callable[[T], None] | None = None
    ) -> _Answer[T] | None:
        """Do `work` on a thread; None when there is no keyring or it does not answer.

        One at a time, so that a keyring that hangs holds one thread and the rest need not wait for it.
        """
        async with self._turn:
            if self._status is not None and not self._status.available:
                return None
            future = start_on_thread(partial(self._work, work), "keyring")
            future.add_done_callback(look_away)
            await asyncio.wait([future], timeout=self._timeout)
            if not future.done():
                self._give_up(f"{self._name or 'The keyring'} did not answer within {self._timeout:g} s.")
                future.add_done_callback(partial(self._answered_late, late))
                return None
            try:
                value = future.result()
            except NoKeyringError:
                self._give_up("No keyring service is running on this computer.")
                return None
            except Exception as error:  # noqa: BLE001 - backends raise their own and their transports' errors
                # Its text is left out: it may hold what was sent, the key included.
                self._give_up(f"{self._name or 'The keyring'} refused ({type(error).__name__}).")
                return None
            self._status = KeyringStatus(available=True, name=self._name)
            return _Answer(value)

    def _work(self, work: Callable[[SystemKeyring], T]) -> T:
        keyring = self._keyring or SystemKeyring.find()
        self._keyring = keyring
        return work(keyring)

    def _give_up(self, reason: str) -> None:
        self._status = KeyringStatus(available=False, name=self._name, reason=reason)

    def _answered_late(self, late: Callable[[T], None] | None, future: asyncio.Future[T]) -> None:
        if future.cancelled() or future.exception() is not None:
            return
        self._status = KeyringStatus(available=True, name=self._name)
        if late is not None:
            late(future.result())
        for listener in tuple(self._listeners):
            listener()

    def _late_get(self, provider: str, key: str | None) -> None:
        if key is not None:
            self._remember(provider, key)

    def _late_set(self, provider: str, key: str) -> None:
        wanted = self._session.get(provider)
        if wanted == key:
            self._move_to_keyring(provider, key)
            return
        # Meanwhile the person removed or replaced it: the keyring must not keep the old one.
        mend = partial(_mend, provider, wanted)
        start_on_thread(partial(self._work, mend), "keyring").add_done_callback(look_away)

    def _move_to_keyring(self, provider: str, key: str) -> None:
        if self._session.get(provider) == key:
            del self._session[provider]
            self._seen[provider] = key

    def _remember(self, provider: str, key: str) -> None:
        self._redactor.add(key)
        self._seen[provider] = key


@dataclass(frozen=True, slots=True)
class _Answer(Generic[T]):
    value: T = field(repr=False)  # it may be a key


def _mend(provider: str, wanted: str | None, keyring: SystemKeyring) -> None:
    if wanted is None:
        keyring.delete(provider)
    else:
        keyring.set(provider, wanted)


class KeyringCredentials:
    """Where the application's core gets keys: what the person gave, then the environment."""

    def __init__(self, store: KeyStore, environment: Credentials, redactor: Redactor) -> None:
        self._store = store
        self._environment = environment
        self._redactor = redactor

    def without_environment(self) -> KeyringCredentials:
        """Only what the person gave."""
        return KeyringCredentials(self._store, EnvironmentCredentials({}), self._redactor)

    async def key_for(self, provider: str) -> str | None:
        """The key of a provider, or None when there is none."""
        known = await self.lookup(provider)
        return known.key if known else None

    async def lookup(self, provider: str) -> KnownKey | None:
        """The key of a provider and where it was found, or None."""
        known = await self._store.lookup(provider)
        if known is not None:
            return known
        key = await self._environment.key_for(provider)
        if key is None:
            return None
        self._redactor.add(key)
        return KnownKey(key, "environment")
