"""Downloads and the addresses that files are fetched from, for the strip and the panel."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.core.downloading import check_address, file_name
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.downloads import Download, DownloadService
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.model_settings import ModelAddress
from aiproxy_desktop.storage.settings import Settings
from aiproxy_desktop.ui.shell.notice import Notice
from aiproxy_desktop.ui.translation import tr, tr_count

_SHA256 = re.compile(r"[0-9a-f]{64}")
_MOST_NAME = 80


@dataclass(frozen=True, slots=True)
class AddressProblems:
    """What is wrong with a new address, a sentence for each field; empty where nothing is."""

    name: str = ""
    url: str = ""
    sha256: str = ""

    def __bool__(self) -> bool:
        return bool(self.name or self.url or self.sha256)


class DownloadsViewModel(QObject):
    """What is being fetched, and from where more can be.

    Signals:
        changed: the downloads; at most four times a second while bytes come.
        ended(Download): it is done, or has failed for now.
        addresses_changed, hosts_changed: what can be fetched from.
        noticed(Notice): what was given up or removed, with a way back, and what could not be kept.
    """

    changed = Signal()
    ended = Signal(object)
    addresses_changed = Signal()
    hosts_changed = Signal()
    noticed = Signal(object)

    def __init__(
        self,
        downloads: DownloadService,
        settings: SettingsService,
        on_unexpected: Callable[[Exception], None],
        parent: QObject | None = None,
    ) -> None:
        """Wire up.

        Args:
            downloads: does the work; its owner starts and closes it.
            settings: loaded; the addresses are kept there.
            on_unexpected: told of errors that are nobody's plan.
            parent: in Qt's sense.
        """
        super().__init__(parent)
        self._service = downloads
        self._settings = settings
        self._scope = TaskScope("downloads view", on_unexpected)
        self._hosts: tuple[tuple[str, str], ...] = ()
        self._downloads: tuple[Download, ...] = ()
        self._addresses = settings.current.model_addresses
        self._ends: list[Callable[[], None]] = []

    # Life

    def start(self) -> None:
        """Follow the downloads and the settings."""
        self._ends = [self._service.subscribe(self._took), self._settings.subscribe(self._set)]
        self._took(self._service.downloads())
        self._set(self._settings.current)

    async def close(self) -> None:
        """Follow them no longer."""
        for end in self._ends:
            end()
        await self._scope.close()

    # What is shown

    @property
    def downloads(self) -> tuple[Download, ...]:
        """All of them, the oldest first."""
        return self._downloads

    @property
    def addresses(self) -> tuple[ModelAddress, ...]:
        """Where files can be downloaded."""
        return self._addresses

    @property
    def hosts(self) -> tuple[tuple[str, str], ...]:
        """The servers that can pull, as (provider id, name)."""
        return self._hosts

    def is_under_way(self, address: ModelAddress) -> bool:
        """Whether a file is being fetched from there now."""
        return any(one.url == address.url and one.status not in {"failed", "done"} for one in self._downloads)

    # What can be done

    def set_hosts(self, hosts: Sequence[tuple[str, str]]) -> None:
        """Which servers are there: (provider id, name), the person's own first."""
        if tuple(hosts) != self._hosts:
            self._hosts = tuple(hosts)
            self.hosts_changed.emit()

    def pull(self, host: str, text: str) -> str:
        """Have a server fetch a model; what is wrong with its name, or nothing."""
        try:
            self._service.pull(host, text)
        except AIProxyError as error:
            return str(error)
        return ""

    def fetch(self, address: ModelAddress) -> None:
        """Download a file."""
        try:
            self._service.fetch(address)
        except AIProxyError as error:  # an address that somebody wrote into the settings by hand
            self.noticed.emit(Notice(str(error)))

    def pause(self, download_id: str) -> None:
        """Stop for now."""
        self._service.pause(download_id)

    def resume(self, download_id: str) -> None:
        """Go on with what was paused or has failed."""
        self._service.resume(download_id)

    def cancel(self, download_id: str) -> None:
        """Give it up; for some seconds it can be taken back."""
        name = self._name(download_id)
        self._service.cancel(download_id)
        self._offer_back(download_id, tr("The download of {name} is cancelled", name=name))

    def dismiss(self, download_id: str) -> None:
        """Take it out of the list; one that failed can be taken back for some seconds."""
        here = next((one for one in self._downloads if one.id == download_id), None)
        self._service.dismiss(download_id)
        if here is not None and here.status == "failed":
            self._offer_back(download_id, tr("The download of {name} is dismissed", name=here.name))

    def add_address(self, name: str, url: str, sha256: str) -> AddressProblems:
        """Keep an address, as it was typed; what is wrong with it, or nothing."""
        problems, address = self._read(name, url, sha256)
        if address is not None:
            self._keep((*self._addresses, address))
        return problems

    def remove_address(self, url: str) -> None:
        """Forget an address; what was downloaded from it stays."""
        former = self._addresses
        gone = next((address for address in former if address.url == url), None)
        if gone is not None:
            self._keep(tuple(address for address in former if address is not gone))
            text = tr("{name} is off the list of addresses", name=gone.name)
            self.noticed.emit(Notice(text, lambda: self._restore(gone, former.index(gone))))

    def _restore(self, address: ModelAddress, place: int) -> None:
        here = self._addresses
        if all(one.url != address.url for one in here):
            self._keep((*here[:place], address, *here[place:]))

    def _name(self, download_id: str) -> str:
        return next((one.name for one in self._downloads if one.id == download_id), "")

    def _offer_back(self, download_id: str, text: str) -> None:
        self.noticed.emit(Notice(text, lambda: self._service.take_back(download_id)))

    def _read(self, name: str, url: str, sha256: str) -> tuple[AddressProblems, ModelAddress | None]:
        url_problem = ""
        try:
            url = check_address(url)
        except AIProxyError as error:
            url_problem = str(error) if url.strip() else tr("Paste the address of a model file.")
        if any(address.url == url for address in self._addresses):
            url_problem = tr("This address is in the list already.")
        name = " ".join(name.split())[:_MOST_NAME] or ("" if url_problem else file_name(url))
        name_problem = "" if name or url_problem else tr("Give it a name; the address does not tell one.")
        digits = sha256.strip().lower().removeprefix("sha256:").strip()
        digest_problem = "" if not digits or _SHA256.fullmatch(digits) else _digest_problem(digits)
        problems = AddressProblems(name_problem, url_problem, digest_problem)
        return problems, None if problems else ModelAddress(name=name, url=url, sha256=digits)

    def _keep(self, addresses: tuple[ModelAddress, ...]) -> None:
        self._scope.attempt(
            lambda: self._settings.update(model_addresses=addresses),
            lambda error: self.noticed.emit(Notice(str(error))),
            "addresses",
        )

    def _took(self, downloads: tuple[Download, ...]) -> None:
        former = {one.id: one.status for one in self._downloads}
        self._downloads = downloads
        self.changed.emit()
        for one in downloads:
            if one.status in {"done", "failed"} and former.get(one.id, one.status) != one.status:
                self.ended.emit(one)

    def _set(self, settings: Settings) -> None:
        if settings.model_addresses != self._addresses:
            self._addresses = settings.model_addresses
            self.addresses_changed.emit()


def _digest_problem(digits: str) -> str:
    if len(digits) != 64:
        return tr_count(
            "A SHA-256 has 64 digits; this has {n}.", "A SHA-256 has 64 digits; this has {n}.", len(digits)
        )
    return tr("A SHA-256 has only the digits 0 to 9 and a to f.")
