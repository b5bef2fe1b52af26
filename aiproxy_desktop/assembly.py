"""Everything behind the window's frame, built once that stands: storage, services, view-models, pages."""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
import os
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication

from aiproxy_desktop import __version__
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.provider import Warmable
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.runtime import Runtime
from aiproxy_desktop.services.about import AboutService
from aiproxy_desktop.services.backups import BackupService
from aiproxy_desktop.services.diagnostics import run_facts
from aiproxy_desktop.services.exchange.service import ExchangeService
from aiproxy_desktop.services.local_api.log import RequestLog
from aiproxy_desktop.services.local_api.service import LocalApiService
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.services.updates import UpdateService
from aiproxy_desktop.serving.hosted import Hosted
from aiproxy_desktop.storage.archives import ArchiveStore
from aiproxy_desktop.storage.backups import BackupFolder
from aiproxy_desktop.storage.blobs import BlobStore
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.crashes import CrashReport, CrashReports
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.folders_in_use import bring_history
from aiproxy_desktop.storage.paths import AppPaths
from aiproxy_desktop.system import large_memory_apart
from aiproxy_desktop.ui.chat.backend import ChatBackend
from aiproxy_desktop.ui.chat.page import ChatPage
from aiproxy_desktop.ui.chat.viewmodel import ChatViewModel
from aiproxy_desktop.ui.exchange.viewmodel import DataViewModel
from aiproxy_desktop.ui.exchange.words import InterfaceWords
from aiproxy_desktop.ui.imaging.tool import QtImageTool
from aiproxy_desktop.ui.models.backend import ModelsBackend
from aiproxy_desktop.ui.models.viewmodel import ModelsViewModel
from aiproxy_desktop.ui.settings.about_viewmodel import AboutViewModel
from aiproxy_desktop.ui.settings.api.viewmodel import ApiViewModel
from aiproxy_desktop.ui.settings.presets_viewmodel import PresetsViewModel
from aiproxy_desktop.ui.settings.updates_viewmodel import UpdatesViewModel
from aiproxy_desktop.ui.settings.viewmodel import SettingsViewModel
from aiproxy_desktop.ui.shell.opening import FileOpening
from aiproxy_desktop.ui.shell.page import PageWidget
from aiproxy_desktop.ui.theme.controller import ThemeController

if TYPE_CHECKING:  # the image studio and voice come with their first use
    from aiproxy_desktop.services.images.backend import ImagesBackend
    from aiproxy_desktop.services.voice.backend import VoiceBackend
    from aiproxy_desktop.storage.image_records import StoredImage
    from aiproxy_desktop.storage.records import Attachment
    from aiproxy_desktop.ui.images.viewmodel import ImagesViewModel
    from aiproxy_desktop.ui.voice.viewmodel import VoiceViewModel

# Seconds after the start.
_TIDY_AFTER = 60.0

# The image studio and voice, piece by piece while nothing else is to do: as a whole they would keep whoever
# opens them waiting for a tenth of a second.
_LOADED_AHEAD = (
    "PIL.Image",
    *(f"aiproxy_desktop.services.images.{name}" for name in ("opening", "editing", "library", "backend")),
    *(f"aiproxy_desktop.ui.images.{name}" for name in ("panel.panel", "canvas.canvas", "generate.view")),
    *(f"aiproxy_desktop.ui.images.{name}" for name in ("gallery.view", "edit.room", "viewmodel", "page")),
    *(
        f"aiproxy_desktop.{name}"
        for name in ("services.voice.backend", "audio.sound_system", "ui.voice.page")
    ),
)
_BETWEEN_LOADS = 0.1

_log = logging.getLogger(__name__)


class Assembly:
    """The objects of one run, and the order in which they come and go. Made by `open`, ended by `close`."""

    def __init__(
        self,
        paths: AppPaths,
        runtime: Runtime,
        database: Database,
        notice: str,
        opened: AsyncExitStack,
        crash: CrashReport | None = None,
    ) -> None:
        """Take over `opened`, which closes the runtime and the database."""
        self._paths = paths
        self._runtime = runtime
        self._opened = opened
        self._scope = TaskScope("application", log_unexpected)
        providers, settings, keys = runtime.providers, runtime.settings, runtime.keys
        behind_them = paths.instead_of.attachments if paths.instead_of is not None else None
        self.blobs = BlobStore(paths.attachments, behind=behind_them)
        behind = ChatBackend.build(
            database, self.blobs, QtImageTool(), runtime.client, runtime.registry, providers, settings, keys
        )
        self._chat = behind.chat
        self.chat_view = ChatViewModel(behind, log_unexpected)
        self._presets_view = PresetsViewModel(behind.presets, self.chat_view.models, log_unexpected)
        self._settings_view = SettingsViewModel(providers, settings, keys, log_unexpected)
        log = RequestLog()
        self.local_api = LocalApiService(
            settings, keys, Hosted(paths, os.environ, runtime, log), log, log_unexpected
        )
        self._api_view = ApiViewModel(
            self.local_api, providers, keys, self._default_model, log_unexpected, registry=runtime.registry
        )
        self._models = ModelsBackend.build(
            *(providers, settings, keys, runtime.client, runtime.http, paths.models),
            *(database, behind.chat.answered, log_unexpected),
        )
        self.models_view = ModelsViewModel(self._models, log_unexpected)
        self.models_view.chat_wanted.connect(self.chat_view.begin_with)
        self.models_view.compare_wanted.connect(self.chat_view.begin_comparing)
        self.models_view.images_wanted.connect(self._make_images)
        self.models_view.voice_wanted.connect(self._talk)
        self.chat_view.image_wanted.connect(self._edit_image)
        self._database = database
        self._images: tuple[ImagesBackend, ImagesViewModel] | None = None
        self._voice: tuple[VoiceBackend, VoiceViewModel] | None = None
        self.backups = BackupService(
            BackupFolder(paths.database_file, paths.backups), settings, log_unexpected
        )
        exchange = ExchangeService(
            ArchiveStore(database),
            self.blobs,
            InterfaceWords(self.chat_view.models.name),
            _write_pdf,
        )
        self.data_view = DataViewModel(exchange, self.backups, settings, log_unexpected)
        self.data_view.imported.connect(self.chat_view.history.load)
        self.data_view.imported.connect(self._models.facts.refresh)
        self.notice = notice
        self.opening = FileOpening(
            self._scope,
            pictures=self._open_pictures,
            models=lambda paths: self.models_view.local.add([str(path) for path in paths]),
            others=self.chat_view.attaching.add_paths,
        )
        about = AboutService(paths, providers, keys, settings, runtime.redactor, os.environ)
        self.about_view = AboutViewModel(about, log_unexpected, crash)
        self._updates = UpdateService(runtime.http, settings, log_unexpected)
        self.updates_view = UpdatesViewModel(self._updates, log_unexpected)

    @property
    def images_view(self) -> ImagesViewModel:
        """The image studio, made when it is first wanted: nobody waits for Pillow who only chats."""
        if self._images is None:
            from aiproxy_desktop.services.images.backend import ImagesBackend
            from aiproxy_desktop.services.images.web import picture_at
            from aiproxy_desktop.ui.images.pixels import qimage_of
            from aiproxy_desktop.ui.images.viewmodel import ImagesViewModel

            large_memory_apart()
            runtime = self._runtime
            behind = ImagesBackend.build(
                *(runtime.client, runtime.http, runtime.providers, runtime.settings),
                *(self._database, self.blobs, self._paths.cache, log_unexpected),
            )
            view = ImagesViewModel(
                behind, qimage_of, lambda address: picture_at(address, behind.web), log_unexpected
            )
            view.chat_wanted.connect(lambda image: self._attach(behind, image))
            self._images = behind, view
            self._scope.attempt(behind.start, _say_unlearned, "images")
        return self._images[1]

    @property
    def voice_view(self) -> VoiceViewModel:
        """Voice, made when it is first wanted: no device is looked for before."""
        if self._voice is None:
            from aiproxy_desktop.audio.sound_system import AudioSystem
            from aiproxy_desktop.services.voice.backend import VoiceBackend
            from aiproxy_desktop.ui.voice.viewmodel import VoiceViewModel

            runtime = self._runtime
            behind = VoiceBackend.build(
                *(runtime.registry, runtime.providers, runtime.settings, self._database),
                *(AudioSystem, self._paths.recordings, log_unexpected),
            )
            view = VoiceViewModel(behind, log_unexpected)
            view.chat_wanted.connect(self.chat_view.open)
            behind.voice.kept.add(self.chat_view.history.put)
            self._voice = behind, view
            self._scope.start(behind.start(), "voice")
            view.look_for_shortcut()
        return self._voice[1]

    def _default_model(self) -> str:
        model = self._runtime.providers.default_model()
        return model.reference if model is not None else ""

    def _talk(self, reference: str) -> None:
        self.voice_view.begin_with(reference)

    def _make_images(self, reference: str) -> None:
        self.images_view.begin_with(reference)

    def _open_pictures(self, paths: tuple[Path, ...]) -> None:
        self.images_view.show_part("edit")
        self.images_view.edit.take_files(paths)

    def _edit_image(self, attachment: Attachment) -> None:
        """Show a picture of a conversation in the image studio."""
        self.images_view.edit_from_chat(partial(self.blobs.read, attachment.hash), attachment.name)

    def _attach(self, behind: ImagesBackend, image: StoredImage) -> None:
        """Attach an image of the studio to what is being written."""
        from aiproxy_desktop.services.images.exporting import ExportOptions, export_name

        name = export_name(image, ExportOptions("original"))
        self.chat_view.attaching.add_made(partial(behind.library.data, image), name)

    @classmethod
    async def open(cls, paths: AppPaths, redactor: Redactor) -> Assembly:
        """Read the settings and open the history.

        Raises:
            StorageError: one of the files cannot be used; it is as it was.
        """
        async with AsyncExitStack() as opened:
            runtime = Runtime.build(paths, os.environ, redactor)
            notice = await runtime.settings.load()
            restored = await on_thread(
                BackupFolder(paths.database_file, paths.backups).restore_if_wished, "restore"
            )
            missing = await on_thread(partial(bring_history, paths), "history")
            notice = " ".join(filter(None, (notice, restored, missing)))
            database = await Database.open(paths.database_file)
            opened.push_async_callback(database.close)
            opened.push_async_callback(runtime.aclose)
            # What a killed process left half written becomes an interrupted answer.
            await ConversationStore(database).recover()
            # Someone is there to be asked from the first moment: the built-in model needs no network.
            await runtime.providers.start()
            await runtime.providers.load_known()
            await runtime.providers.refresh("builtin")
            crash = await on_thread(partial(CrashReports(paths, redactor).take_up, run_facts()), "crashes")
            return cls(paths, runtime, database, notice, opened.pop_all(), crash)

    def page(self, page_id: str, themes: ThemeController) -> PageWidget:
        """The widget of a page, made new."""
        if page_id == "chat":
            return ChatPage(
                self.chat_view,
                themes,
                data=self.data_view,
                blob_path=self.blobs.path,
                exports=self._paths.cache / "dragged",
            )
        if page_id == "images":
            from aiproxy_desktop.ui.images.page import ImagesPage

            return ImagesPage(self.images_view, themes, exports=self._paths.cache / "dragged")
        if page_id == "voice":
            from aiproxy_desktop.ui.voice.page import VoicePage

            return VoicePage(self.voice_view, themes)
        if page_id == "models":
            from aiproxy_desktop.ui.models.page import ModelsPage

            return ModelsPage(self.models_view, themes)
        from aiproxy_desktop.ui.settings.about import AboutFacts
        from aiproxy_desktop.ui.settings.page import SettingsPage
        from aiproxy_desktop.ui.shell.open_url import open_folder

        facts = AboutFacts(__version__, self._paths.data, self._paths.logs)
        return SettingsPage(
            *(self._settings_view, themes, facts, open_folder, self._presets_view),
            data=self.data_view,
            api=self._api_view,
            updates=self.updates_view,
            about=self.about_view,
        )

    def start(self) -> None:
        """Show the history, and find out who can answer."""
        self.chat_view.start()
        self.about_view.start(QGuiApplication.platformName())
        self.backups.start()
        self.local_api.start()
        if self._paths.instead_of is None:  # else nobody would remember that the day's request was sent
            self._updates.start()
        self._scope.start(self._detect(), "detect providers")
        self._scope.start(self._warm(), "load the model")
        self._scope.start(self._tidy(), "tidy the attachments")

    async def close(self, window_geometry: str) -> None:
        """Whoever owns tasks ends them, from the window inwards; the database comes last.

        Args:
            window_geometry: kept for the next start.
        """
        async with self._opened:
            try:
                await self._runtime.settings.update(window_geometry=window_geometry)
            except StorageError as error:
                _log.warning("the window's place was not kept: %s", error)
            await self._scope.close()
            await self.about_view.close()
            await self.updates_view.close()
            await self._updates.close()
            await self._api_view.close()
            await self.local_api.close()
            if self._voice is not None:
                talking, voice_view = self._voice
                await voice_view.close()
                await talking.close()
            await self.models_view.close()
            if self._images is not None:
                behind, view = self._images
                await view.close()
                await behind.close()
            await self._models.close()
            await self._settings_view.close()
            await self.data_view.close()
            await self.backups.close()
            await self._presets_view.close()
            await self.chat_view.close()
            await self._chat.drain()

    async def _detect(self) -> None:
        try:
            await self._models.start()
        except StorageError as error:
            _log.warning("downloads were not taken up: %s", error)
        await asyncio.gather(self._models.refresher.settled(), self._find_plug_ins())
        # The first answer needs them; nobody waits for anything now.
        import aiproxy_desktop.ui.chat.transcript  # noqa: F401 - loaded ahead

        for name in _LOADED_AHEAD:
            await asyncio.sleep(_BETWEEN_LOADS)
            importlib.import_module(name)
        # What is loaded stays loaded. Left to the collector, looking through it again and again would cost
        # a frame each time.
        gc.freeze()

    async def _tidy(self) -> None:
        """Remove attachments that nothing refers to, once nobody waits for the disk."""
        await asyncio.sleep(_TIDY_AFTER)
        try:
            await self._chat.collect_blobs(await self.backups.referenced())
        except StorageError as error:
            _log.warning("attachments were not tidied: %s", error)

    async def _find_plug_ins(self) -> None:
        """Other packages' providers. Nothing waits for them: what they import may take long."""
        for provider_id in await self._runtime.providers.find_plug_ins():
            await self._runtime.providers.refresh(provider_id)

    async def _warm(self) -> None:
        """Load the model that a new chat will ask, where it is one that has to be loaded."""
        provider_id, _, model = (self._runtime.settings.current.model or "builtin:").partition(":")
        provider: object = self._runtime.registry.get(provider_id)
        if not isinstance(provider, Warmable):
            return
        self.chat_view.models.set_loading(provider_id)
        try:
            await provider.warm(model or None)
        except AIProxyError as error:
            _log.info("the model is not loaded ahead: %s", error)
        finally:
            self.chat_view.models.set_loading(None)


async def _write_pdf(target: Path, title: str, pieces: list[str], images: dict[str, bytes]) -> None:
    from aiproxy_desktop.ui.exchange.pdf import write_pdf

    await write_pdf(target, title, pieces, images)


def _say_unlearned(error: AIProxyError) -> None:
    _log.warning("what earlier images cost is not known: %s", error)


def log_unexpected(error: Exception) -> None:
    """Where errors go that nobody planned for."""
    _log.error("unexpected", exc_info=error)
