"""Search as one types: what was found for the newest words, page by page."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.search import Found, Rest, SearchStore
from aiproxy_desktop.ui.chat.sidebar.found_list import FoundListModel

PAGE = 50


class Finding(QObject):
    """One search at a time; what an older one found is never shown over what a newer one did."""

    changed = Signal()
    failed = Signal(object)  # AIProxyError

    def __init__(self, search: SearchStore, scope: TaskScope, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._search = search
        self._scope = scope
        self._text = ""
        self._found: Found | None = None
        self._rest: Rest | None = None
        self._reading = False
        self.model = FoundListModel(self)
        self.model.more_wanted.connect(self.load_more)

    @property
    def active(self) -> bool:
        """Whether something is searched for."""
        return bool(self._text)

    @property
    def reading(self) -> bool:
        """Whether the first page, or one more, is still to come."""
        return self._reading

    @property
    def words(self) -> tuple[str, ...]:
        """The words of what is shown, to be marked in a message."""
        return () if self._found is None else self._found.words

    @property
    def nothing_found(self) -> bool:
        """Whether the search came to its end without a hit."""
        ended = not self._reading and self._found is not None and self._rest is None
        return self.active and ended and not self.model.rows

    def look_for(self, text: str) -> None:
        """Search for this; blank ends the search."""
        wanted = text.strip()
        if wanted == self._text:
            return
        self._text = wanted
        if wanted:
            self._read(None)
        else:
            self._found, self._rest, self._reading = None, None, False
            self.model.clear()
        self.changed.emit()

    def load_more(self) -> None:
        """Read the next page."""
        if self._rest is not None and not self._reading:
            self._read(self._rest)

    async def close(self) -> None:
        """Close the connection; after the scope is closed."""
        await self._search.close()

    def _read(self, rest: Rest | None) -> None:
        self._reading = True
        self._scope.start(self._find(self._text, rest), "search")

    async def _find(self, text: str, rest: Rest | None) -> None:
        try:
            found = await self._search.find(text, PAGE, rest)
        except AIProxyError as error:
            if text == self._text:
                self._reading = False
                self.failed.emit(error)
            return
        if found is None or text != self._text:
            return  # a newer search is under way
        self._rest, self._reading = found.rest, False
        if rest is None:
            self._found = found
            self.model.show(found)
        else:
            self.model.add(found)
        self.changed.emit()
        if not found.messages:
            # A page may be empty although a later one is not.
            self.load_more()
