"""The messages of the branch on the page: its end first, what came before it as it is read. No Qt here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from aiproxy_desktop.storage.records import StoredMessage, ThreadPage, Totals


class Thread:
    """Messages in order, found by id; adding or changing one costs the same however long the thread is.

    Attributes:
        before_id: the message before the first one here, until it is read too.
        totals: what all answers used, those not read yet included once `count_earlier` told of them.
    """

    def __init__(self, messages: Iterable[StoredMessage] = (), before_id: str | None = None) -> None:
        self.before_id = before_id
        self.totals = Totals()
        self._earlier_counted = before_id is None
        self._messages: list[StoredMessage] = []
        # Place of each message, counted from the one that stood first at the beginning.
        self._places: dict[str, int] = {}
        self._base = 0
        for message in messages:
            self.append(message)

    def __len__(self) -> int:
        return len(self._messages)

    def __iter__(self) -> Iterator[StoredMessage]:
        return iter(self._messages)

    def __contains__(self, message_id: str) -> bool:
        return message_id in self._places

    @property
    def last(self) -> StoredMessage | None:
        """Its end."""
        return self._messages[-1] if self._messages else None

    @property
    def last_id(self) -> str | None:
        """Of its end."""
        return self._messages[-1].id if self._messages else None

    @property
    def known_totals(self) -> Totals | None:
        """What all answers used; None until the earlier ones are counted."""
        return self.totals if self._earlier_counted else None

    def get(self, message_id: str) -> StoredMessage | None:
        """A message that is here."""
        place = self._places.get(message_id)
        return None if place is None else self._messages[place - self._base]

    def before(self, message_id: str) -> StoredMessage | None:
        """The message before one that is here."""
        index = self.index_of(message_id)
        return self._messages[index - 1] if index else None

    def index_of(self, message_id: str) -> int | None:
        """Where it stands, from 0."""
        place = self._places.get(message_id)
        return None if place is None else place - self._base

    def append(self, message: StoredMessage) -> None:
        """One more at the end."""
        self._places[message.id] = self._base + len(self._messages)
        self._messages.append(message)
        self.totals = self.totals.with_answer(message)

    def replace(self, message: StoredMessage) -> bool:
        """The same message, changed; whether it is here."""
        index = self.index_of(message.id)
        if index is None:
            return False
        self.totals = self.totals.with_answer(self._messages[index], -1).with_answer(message)
        self._messages[index] = message
        return True

    def prepend(self, page: ThreadPage) -> None:
        """What comes before the first one."""
        self._base -= len(page.messages)
        for place, message in enumerate(page.messages, self._base):
            self._places[message.id] = place
            if not self._earlier_counted:
                self.totals = self.totals.with_answer(message)
        self._messages[0:0] = page.messages
        self.before_id = page.before_id
        self._earlier_counted = self._earlier_counted or page.before_id is None

    def count_earlier(self, earlier: Totals) -> None:
        """What the answers before the first one used in all, told once."""
        if not self._earlier_counted:
            self._earlier_counted = True
            self.totals = self.totals.plus(earlier)

    def adopt(self, end: ThreadPage) -> int | None:
        """Take over another end, which begins with a version of a message here or goes on behind one.

        Returns:
            the index of the first message that is another one now, or changed; None when nothing is shared:
            then all is as it was.
        """
        if not end.messages:
            return None
        first = end.messages[0]
        index = self.index_of(first.id)
        if index is None and first.parent_id is not None:
            parent = self.index_of(first.parent_id)
            index = None if parent is None else parent + 1
        return None if index is None else self._splice(index, end.messages)

    def _splice(self, index: int, messages: Sequence[StoredMessage]) -> int:
        shared = 0
        for known, message in zip(self._messages[index:], messages, strict=False):
            if known != message:
                break
            shared += 1
        changed = index + shared
        for gone in self._messages[changed:]:
            del self._places[gone.id]
            self.totals = self.totals.with_answer(gone, -1)
        del self._messages[changed:]
        for message in messages[shared:]:
            self.append(message)
        return changed
