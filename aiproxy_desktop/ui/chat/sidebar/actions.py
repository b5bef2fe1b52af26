"""What can be done with conversations, for its shortcuts and the command palette."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from aiproxy_desktop.storage.records import Conversation
from aiproxy_desktop.ui.chat.sidebar.conversation_menu import ARCHIVE_KEY, PIN_KEY
from aiproxy_desktop.ui.shell.actions import Action
from aiproxy_desktop.ui.translation import tr

SEARCH_KEY = "Ctrl+Shift+F"

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.page import ChatPage


def conversation_actions(page: ChatPage, group: str) -> Sequence[Action]:
    """Those on the conversation that the keys are on in the sidebar, else on the one that is open."""
    library, sidebar = page.view_model.library, page.sidebar

    def there() -> Conversation | None:
        view, current = sidebar.view, page.view_model.conversation
        pointed = view.pointed_id() if view.hasFocus() else None
        return library.history.conversation(pointed or (None if current is None else current.id))

    def on(act: Callable[[Conversation], None]) -> Callable[[], None]:
        def run() -> None:
            item = there()
            if item is not None:
                act(item)

        return run

    def some() -> bool:
        return there() is not None

    def pin(item: Conversation) -> None:
        library.history.set_pinned(item.id, pinned=item.pinned_at is None)

    def archive(item: Conversation) -> None:
        library.set_archived(item.id, archived=item.archived_at is None)

    return (
        Action("chat.search", tr("Search conversations"), sidebar.focus_search, (SEARCH_KEY,), group),
        Action("chat.rename", tr("Rename conversation"), page.rename, ("F2",), group, some, shown_only=True),
        Action("chat.pin", tr("Pin or unpin conversation"), on(pin), (PIN_KEY,), group, some),
        Action(
            "chat.archive",
            tr("Archive conversation, or take it out"),
            on(archive),
            (ARCHIVE_KEY,),
            group,
            some,
        ),
        Action(
            "chat.delete",
            tr("Delete conversation"),
            on(lambda item: library.history.delete(item.id)),
            ("Ctrl+Shift+Backspace",),
            group,
            some,
        ),
        Action("chat.all", tr("Show all conversations"), sidebar.show_all, ("F7",), group),
        Action("chat.folders", tr("Show folders"), sidebar.show_folders, ("F8",), group),
        Action("chat.archived", tr("Show archived conversations"), sidebar.show_archive, ("F9",), group),
        Action("chat.newFolder", tr("New folder"), sidebar.new_folder, ("Ctrl+Shift+N",), group),
    )
