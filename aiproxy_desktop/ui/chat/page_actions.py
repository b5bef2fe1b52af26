"""What can be done on the chat tab, for its shortcuts and the command palette."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from aiproxy_desktop.ui.shell.actions import Action
from aiproxy_desktop.ui.translation import tr

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.page import ChatPage
    from aiproxy_desktop.ui.chat.transcript import Transcript


def chat_actions(page: ChatPage) -> Sequence[Action]:
    """All of them, in the order in which they are listed."""
    group = tr("Chat")
    return (
        Action("chat.new", tr("New chat"), page.begin_new, ("Ctrl+N",), group),
        Action("chat.model", tr("Choose a model"), page.open_picker, ("Ctrl+Shift+M",), group),
        *_transcript_actions(page, group),
    )


def _transcript_actions(page: ChatPage, group: str) -> Sequence[Action]:
    """What can be done with the conversation that is shown."""

    def act(do: Callable[[Transcript], None]) -> Callable[[], None]:
        def run() -> None:
            if page.transcript is not None:
                do(page.transcript)

        return run

    def shown() -> bool:
        return page.transcript is not None and page.transcript.isVisible()

    def copyable() -> bool:
        return shown() and page.transcript is not None and page.transcript.has_something_to_copy

    def find(name: str, title: str, run: Callable[[Transcript], None], key: str) -> Action:
        return Action(f"chat.{name}", title, act(run), (key,), group, shown)

    def copy(name: str, title: str, run: Callable[[Transcript], None], *keys: str) -> Action:
        return Action(f"chat.{name}", title, act(run), keys, group, copyable, shown_only=True)

    def zoom(name: str, title: str, direction: int, *keys: str) -> Action:
        return Action(f"chat.{name}", title, lambda: page.zoom(direction), keys, group, shown)

    return (
        find("find", tr("Find in conversation"), lambda area: area.finding.open(), "Ctrl+F"),
        find("findNext", tr("Find next"), lambda area: area.finding.step(1), "F3"),
        find("findPrevious", tr("Find previous"), lambda area: area.finding.step(-1), "Shift+F3"),
        zoom("zoomIn", tr("Larger text"), 1, "Ctrl++", "Ctrl+="),
        zoom("zoomOut", tr("Smaller text"), -1, "Ctrl+-"),
        zoom("zoomReset", tr("Usual text size"), 0, "Ctrl+0"),
        copy("copy", tr("Copy selection or message"), lambda area: area.copy(), "Ctrl+C"),
        copy("copyPlain", tr("Copy as plain text"), lambda area: area.copy(plain=True), "Ctrl+Shift+C"),
        copy("copyMarkdown", tr("Copy as Markdown"), lambda area: area.copy(rich=False)),
    )
