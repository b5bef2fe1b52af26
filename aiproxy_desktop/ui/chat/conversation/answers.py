"""All answers under way, in whichever conversation: started, stopped, drawn at most once a frame."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from PySide6.QtCore import QObject, QTimer, Signal

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.chat import ChatService, Turn
from aiproxy_desktop.services.task_scope import TaskScope, cancel_once
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.records import MessageStatus, StoredMessage
from aiproxy_desktop.ui.chat.conversation.live_answer import LiveAnswer
from aiproxy_desktop.ui.translation import tr

FRAME_MS = 16


class Answers(QObject):
    """Runs turns side by side. Nobody needs to look at a conversation for its answer to go on."""

    arrived = Signal(str, str, str)  # message id, text, reasoning: since the last frame
    figures_changed = Signal(object)  # StoredMessage, still streaming
    ended = Signal(object)  # StoredMessage, whole
    running_changed = Signal()

    def __init__(
        self,
        chat: ChatService,
        store: ConversationStore,
        scope: TaskScope,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._chat = chat
        self._store = store
        self._scope = scope
        self._live: dict[str, LiveAnswer] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._fresh: dict[str, LiveAnswer] = {}
        self._frame = QTimer(self, singleShot=True, interval=FRAME_MS)
        self._frame.timeout.connect(self._show_fresh)

    def start(self, turn: Turn) -> None:
        """Let the model answer this turn."""
        live = LiveAnswer(turn.answer)
        self._live[live.id] = live
        task = self._scope.start(self._run(turn, live), f"answer:{live.id}")
        self._tasks[live.id] = task
        # A task that is cancelled before its first step runs none of its code, its `finally` included.
        task.add_done_callback(lambda _: self._forget(live, live.ended("interrupted")))
        self.running_changed.emit()

    def stop(self, conversation_id: str) -> None:
        """Stop what is being answered in this conversation; what came stays."""
        for live in tuple(self._live.values()):
            if live.conversation_id == conversation_id:
                cancel_once(self._tasks[live.id])

    def stop_answer(self, message_id: str) -> None:
        """Stop one answer; what came stays."""
        task = self._tasks.get(message_id)
        if task is not None:
            cancel_once(task)

    def runs(self, message_id: str) -> bool:
        """Whether this answer is under way."""
        return message_id in self._live

    def conversations(self) -> frozenset[str]:
        """Those with an answer under way."""
        return frozenset(live.conversation_id for live in self._live.values())

    def current(self, message: StoredMessage) -> StoredMessage:
        """The message with all that has come, when it is under way; else as it is."""
        live = self._live.get(message.id)
        return message if live is None else live.snapshot()

    def catch_up(self, message_id: str) -> None:
        """All that has come is shown now: `arrived` brings only what comes after."""
        if message_id in self._live:
            self._live[message_id].take()

    def show_now(self, message_id: str) -> None:
        """Tell everyone who listens what has come, before somebody else begins to listen."""
        live = self._live.get(message_id)
        if live is not None:
            self._show(live)

    def quiet(self) -> None:
        """Draw nothing more; for the end of the application."""
        self._frame.stop()

    async def _run(self, turn: Turn, live: LiveAnswer) -> None:
        status: MessageStatus = "failed"
        problem: AIProxyError | None = _unexpected()
        try:
            async with aclosing(self._chat.run(turn)) as events:
                async for event in events:
                    if live.feed(event):
                        self._show(live)
                        self.figures_changed.emit(live.snapshot())
                    self._fresh[live.id] = live
                    if not self._frame.isActive():
                        self._frame.start()
            status, problem = "complete", None
        except AIProxyError as error:
            problem = error
        except asyncio.CancelledError:
            status, problem = "interrupted", None
            raise
        finally:
            await self._finish(live, live.ended(status, problem))

    async def _finish(self, live: LiveAnswer, ended: StoredMessage) -> None:
        try:
            stored = await self._store.message(live.id)
        except AIProxyError:
            stored = ended
        # Storage that failed while the answer came does not know how it ended; the screen must.
        self._forget(live, ended if stored.status == "streaming" else stored)

    def _forget(self, live: LiveAnswer, ended: StoredMessage) -> None:
        if self._live.pop(live.id, None) is None:
            return
        del self._tasks[live.id]
        self._fresh.pop(live.id, None)
        self._show(live)
        self.ended.emit(ended)
        self.running_changed.emit()

    def _show_fresh(self) -> None:
        fresh, self._fresh = self._fresh, {}
        for live in fresh.values():
            self._show(live)

    def _show(self, live: LiveAnswer) -> None:
        text, reasoning = live.take()
        if text or reasoning:
            self.arrived.emit(live.id, text, reasoning)


def _unexpected() -> AIProxyError:
    return AIProxyError(tr("The answer could not be finished"), tr("The log says why. Retry asks again."))
