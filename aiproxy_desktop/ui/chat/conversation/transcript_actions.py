"""What can be done with the conversation on the chat tab: find, zoom, copy, and its code and tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from aiproxy_desktop.ui.shell.actions import Action
from aiproxy_desktop.ui.translation import tr

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.page import ChatPage
    from aiproxy_desktop.ui.chat.transcript import Transcript
    from aiproxy_desktop.ui.chat.transcript.pressing import CodeButton


class _Shown:
    """The transcript that is in front, if one is."""

    def __init__(self, page: ChatPage, group: str) -> None:
        self._page = page
        self._group = group

    def there(self) -> bool:
        area = self._page.reading
        return area is not None and area.isVisible()

    def copyable(self) -> bool:
        area = self._page.reading
        return area is not None and area.isVisible() and area.has_something_to_copy

    def act(self, name: str, title: str, do: Callable[[Transcript], None], *keys: str) -> Action:
        return Action(f"chat.{name}", title, self._with(do), keys, self._group, self.there)

    def copy(self, name: str, title: str, do: Callable[[Transcript], None], *keys: str) -> Action:
        run = self._with(do)
        return Action(f"chat.{name}", title, run, keys, self._group, self.copyable, shown_only=True)

    def zoom(self, name: str, title: str, direction: int, *keys: str) -> Action:
        run = self._with(lambda _area: self._page.zoom(direction))
        return Action(f"chat.{name}", title, run, keys, self._group, self.there)

    def _with(self, do: Callable[[Transcript], None]) -> Callable[[], None]:
        def run() -> None:
            if self._page.reading is not None:
                do(self._page.reading)

        return run


def transcript_actions(page: ChatPage, group: str) -> Sequence[Action]:
    """All of them, in the order in which they are listed."""
    shown = _Shown(page, group)
    return (
        shown.act("find", tr("Find in conversation"), lambda area: area.finding.open(), "Ctrl+F"),
        shown.act("findNext", tr("Find next"), lambda area: area.finding.step(1), "F3"),
        shown.act("findPrevious", tr("Find previous"), lambda area: area.finding.step(-1), "Shift+F3"),
        shown.zoom("zoomIn", tr("Larger text"), 1, "Ctrl++", "Ctrl+="),
        shown.zoom("zoomOut", tr("Smaller text"), -1, "Ctrl+-"),
        shown.zoom("zoomReset", tr("Usual text size"), 0, "Ctrl+0"),
        shown.copy("copy", tr("Copy selection or message"), lambda area: area.copy(), "Ctrl+C"),
        shown.copy("copyPlain", tr("Copy as plain text"), lambda area: area.copy(plain=True), "Ctrl+Shift+C"),
        shown.copy(
            "copyMarkdown", tr("Copy as Markdown"), lambda area: area.copy(rich=False), "Ctrl+Shift+X"
        ),
        shown.act(
            "copyCode", tr("Copy the code in view"), lambda area: _press(area, "copy_code"), "Ctrl+Shift+K"
        ),
        shown.act(
            "saveCode",
            tr("Save the code in view as a file"),
            lambda area: _press(area, "save_code"),
            "Ctrl+S",
        ),
        shown.act(
            "wrapCode", tr("Wrap the code in view, or not"), lambda area: _press(area, "wrap_code"), "Alt+Z"
        ),
        shown.act("copyTable", tr("Copy the table in view as Markdown"), _copy_table, "Ctrl+T"),
        shown.act("copyTableCsv", tr("Copy the table in view as CSV"), _copy_table_as_csv, "Ctrl+Shift+T"),
    )


# What these need is loaded with the first conversation, not with the window.


def _press(area: Transcript, kind: CodeButton) -> None:
    from aiproxy_desktop.ui.chat.transcript.pressing import press_in_view

    press_in_view(area, kind)


def _copy_table(area: Transcript) -> None:
    from aiproxy_desktop.ui.chat.transcript.pressing import copy_table_in_view

    copy_table_in_view(area, csv=False)


def _copy_table_as_csv(area: Transcript) -> None:
    from aiproxy_desktop.ui.chat.transcript.pressing import copy_table_in_view

    copy_table_in_view(area, csv=True)
