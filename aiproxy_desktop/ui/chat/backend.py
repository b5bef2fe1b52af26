"""What stands behind the chat tab."""

from __future__ import annotations

from dataclasses import dataclass

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.services.attaching import Attacher, ImageTool
from aiproxy_desktop.services.chat import ChatService
from aiproxy_desktop.services.costs import describe_from
from aiproxy_desktop.services.providers import ProviderService
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.services.titles import TitleService
from aiproxy_desktop.storage.blobs import BlobStore
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.keys import KeyStore
from aiproxy_desktop.storage.library import LibraryStore
from aiproxy_desktop.storage.search import SearchStore


@dataclass(frozen=True, slots=True)
class ChatBackend:
    """The services and stores that the chat tab uses. Whoever built it closes what has to be closed.

    Attributes:
        chat: asks and answers.
        store: conversations and their messages.
        library: the lists they stand in.
        search: looks through all of them; the chat's view-model closes it.
        titles: names new conversations.
        attacher: takes files in.
        blobs: keeps their bytes.
        providers: what is detected, and its models.
        settings: what a person chose.
        keys: tells what the keyring is called.
    """

    chat: ChatService
    store: ConversationStore
    library: LibraryStore
    search: SearchStore
    titles: TitleService
    attacher: Attacher
    blobs: BlobStore
    providers: ProviderService
    settings: SettingsService
    keys: KeyStore

    @classmethod
    def build(
        cls,
        database: Database,
        blobs: BlobStore,
        images: ImageTool,
        client: CompletionClient,
        registry: Registry,
        providers: ProviderService,
        settings: SettingsService,
        keys: KeyStore,
    ) -> ChatBackend:
        """Over one database and one client."""
        store, library = ConversationStore(database), LibraryStore(database)
        return cls(
            chat=ChatService(store, client, blobs, describe_from(registry)),
            store=store,
            library=library,
            search=SearchStore(database.path),
            titles=TitleService(client, store, library, lambda: settings.current.auto_titles),
            attacher=Attacher(blobs, images),
            blobs=blobs,
            providers=providers,
            settings=settings,
            keys=keys,
        )
