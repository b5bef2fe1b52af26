"""What the application knows about itself: facts to copy, licences, the report of a crash. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.components import Component, exchange_text, licence_text, read_components
from aiproxy_desktop.services.diagnostics import Facts, Installation, look_for_sound, report
from aiproxy_desktop.services.providers import ProviderService
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.services.surroundings import Lack, Surroundings, look_around
from aiproxy_desktop.storage.crashes import CrashReport, CrashReports
from aiproxy_desktop.storage.keys import KeyStore
from aiproxy_desktop.storage.paths import AppPaths


class AboutService:
    """Asks whoever knows. Everything that waits for a disk or a device does so on a thread."""

    def __init__(
        self,
        paths: AppPaths,
        providers: ProviderService,
        keys: KeyStore,
        settings: SettingsService,
        redact: Redactor,
        environ: Mapping[str, str],
    ) -> None:
        """Wire it up.

        Args:
            paths: of this installation.
            providers: whose states are told.
            keys: tells of the keyring.
            settings: what is switched on, and which lacks were told before.
            redact: takes keys out of everything that is copied.
            environ: names the display and the desktop.
        """
        self._paths = paths
        self._providers = providers
        self._keys = keys
        self._settings = settings
        self._redact = redact
        self._environ = environ
        self._crashes = CrashReports(paths, redact)

    async def diagnostics(self, window: Facts) -> str:
        """Facts about this installation as text.

        Args:
            window: those that only the window knows.
        """
        found = Installation(
            self._paths,
            self._providers.states(),
            await self._keys.status(),
            await on_thread(look_for_sound, "diagnostics"),
            tuple(window),
            local_api=self._settings.current.api.enabled,
        )
        return await on_thread(partial(report, found, self._environ, self._redact), "diagnostics")

    async def components(self) -> tuple[Component, ...]:
        """What the application is made of."""
        return await on_thread(read_components, "licences")

    async def licence(self, component: Component) -> str:
        """The text of a component's licence, empty where it did not come along."""
        return await on_thread(partial(licence_text, component), "licences")

    async def exchange(self) -> str:
        """How Qt's libraries are exchanged, empty where no installer told it."""
        return await on_thread(exchange_text, "licences")

    async def crash_report(self) -> CrashReport | None:
        """The newest report of a crash."""
        return await on_thread(self._crashes.newest, "crashes")

    async def forget_crashes(self) -> None:
        """Delete the reports."""
        await on_thread(self._crashes.forget, "crashes")

    async def surroundings(self, platform: str) -> Surroundings:
        """What is missing on this computer.

        Args:
            platform: of the window, as Qt calls it.
        """
        return look_around(await self._keys.status(), platform, self._environ)

    async def is_news(self, found: Surroundings) -> tuple[Lack, ...]:
        """What is missing and to be told, where something among it was not told before; from now on it was.

        Raises:
            StorageError: that cannot be kept.
        """
        told = self._settings.current.told_lacks
        if found.untold == told:
            return ()
        await self._settings.update(told_lacks=found.untold)
        return () if set(found.untold) <= set(told) else found.untold
