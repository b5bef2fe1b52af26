"""The count under the composer: never on the way of a key, never over the whole history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.core.token_estimate import estimate_tokens
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.records import Attachment, StoredMessage
from aiproxy_desktop.ui.chat.writing.counting import (
    attached_tokens,
    conversation_tokens,
    count_line,
    overflow,
)

# As often as live figures change anywhere.
_EVERY_MS = 250

# Characters that are counted in less than a millisecond; more is counted on a thread.
_AT_ONCE = 50_000


class LiveCount(QObject):
    """Counts what would be sent: the conversation, the instructions, the draft and what is attached to it.

    Signals:
        changed: `line` or `warning` changed.
    """

    changed = Signal()

    def __init__(
        self,
        *,
        draft: Callable[[], str],
        instructions: Callable[[], str],
        attached: Callable[[], Sequence[Attachment]],
        messages: Callable[[], Sequence[StoredMessage]],
        model: Callable[[], ModelInfo | None],
        scope: TaskScope,
        parent: QObject | None = None,
    ) -> None:
        """Ask these when something changed.

        Args:
            draft: the text.
            instructions: the system prompt.
            attached: what is attached to the draft.
            messages: of the conversation, as far as they are known.
            model: the one that answers next.
            scope: owns what is counted on a thread.
            parent: of the QObject.
        """
        super().__init__(parent)
        self._draft = draft
        self._instructions = instructions
        self._attached = attached
        self._messages = messages
        self._model = model
        self._scope = scope
        self._conversation: tuple[int, bool] | None = None
        self._provider = ""
        self._shown = ("", "")
        self._round = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self._begin)

    @property
    def line(self) -> str:
        """`about 4,100 tokens · $0.005`; empty while nothing is written."""
        return self._shown[0]

    @property
    def warning(self) -> str:
        """One sentence when it is more than the model can read, else empty."""
        return self._shown[1]

    def touch(self) -> None:
        """The draft, the options or the model changed."""
        if not self._timer.isActive():
            self._timer.start()

    def conversation_changed(self) -> None:
        """Other messages are on the page."""
        self._conversation = None
        self._round += 1
        self.touch()

    def stop(self) -> None:
        """Count no more."""
        self._timer.stop()

    def _begin(self) -> None:
        draft = self._draft()
        if not draft.strip() and not self._attached():
            self._show("", "")
            return
        instructions = self._instructions()
        self._ask_provider()
        messages = () if self._conversation is not None else tuple(self._messages())
        count = partial(_counted, draft, instructions, messages, self._conversation, self._provider)
        size = len(draft) + len(instructions) + _uncounted(messages)
        if size <= _AT_ONCE:
            self._done(self._round, count())
        else:
            self._scope.start(self._on_thread(self._round, count), "count")

    def _ask_provider(self) -> None:
        """Files take other numbers of tokens at another provider, those of former messages as well."""
        model = self._model()
        provider = "" if model is None else model.maker
        if provider != self._provider:
            self._provider = provider
            self._conversation = None
            self._round += 1

    async def _on_thread(self, round_: int, count: Callable[[], tuple[int, tuple[int, bool]]]) -> None:
        self._done(round_, await on_thread(count, "count"))

    def _done(self, round_: int, counted: tuple[int, tuple[int, bool]]) -> None:
        if round_ != self._round:
            # Another conversation is on the page by now, and is counted by itself.
            return
        tokens, self._conversation = counted
        tokens += attached_tokens(self._attached(), self._provider)
        model = self._model()
        self._show(count_line(tokens, model), overflow(tokens, model))

    def _show(self, line: str, warning: str) -> None:
        if (line, warning) != self._shown:
            self._shown = (line, warning)
            self.changed.emit()


def _counted(
    draft: str,
    instructions: str,
    messages: Sequence[StoredMessage],
    known: tuple[int, bool] | None,
    provider: str,
) -> tuple[int, tuple[int, bool]]:
    conversation = conversation_tokens(messages, provider) if known is None else known
    tokens = conversation[0] + estimate_tokens(draft)
    if instructions and not conversation[1]:
        tokens += estimate_tokens(instructions)
    return tokens, conversation


def _uncounted(messages: Sequence[StoredMessage]) -> int:
    """Characters that have to be estimated: those after the last answer whose usage is known."""
    total = 0
    for message in reversed(messages):
        if message.usage is not None and message.usage.output_tokens is not None:
            break
        total += len(message.text)
    return total
