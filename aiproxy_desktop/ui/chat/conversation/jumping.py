"""To a message, wherever in the tree of its conversation it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.ui.chat.compare.comparing import Comparing
from aiproxy_desktop.ui.chat.conversation.shown_thread import ShownThread


async def brought_up(
    conversation_id: str,
    message_id: str,
    shown: ShownThread,
    comparing: Comparing,
    store: ConversationStore,
    show: Callable[[str], Awaitable[None]],
) -> bool:
    """Show the column or the branch that holds a message; whether it is on the page then.

    Columns that do not hold it give way to the one conversation.

    Raises:
        StorageError: it is not there any more, or cannot be read.
    """
    view = shown.view
    if shown.key == conversation_id and await _in_column(message_id, comparing):
        return True
    if not await store.is_on_branch(message_id):
        conversation = await store.select(message_id)
        if shown.key == conversation_id:
            await shown.show_again(conversation, view)
    if shown.key != conversation_id:
        await show(conversation_id)
    if shown.key != conversation_id:
        return False  # the person went elsewhere
    if await _in_column(message_id, comparing):
        return True
    if comparing.columns:
        view = shown.view
        await store.set_comparison(conversation_id, ())
        await shown.show_again(await store.get(conversation_id), view)
    elif comparing.active:
        comparing.leave()
    if message_id not in shown.branch:
        await shown.all_read()  # it is further up
    return shown.key == conversation_id and message_id in shown.branch


async def _in_column(message_id: str, comparing: Comparing) -> bool:
    await comparing.settled()
    return comparing.active and comparing.holds(message_id)
