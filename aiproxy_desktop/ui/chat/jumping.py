"""To a message, wherever in the tree of the conversation on the page it is."""

from __future__ import annotations

from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.ui.chat.compare.comparing import Comparing
from aiproxy_desktop.ui.chat.shown_thread import ShownThread


async def brought_up(
    message_id: str, shown: ShownThread, comparing: Comparing, store: ConversationStore
) -> bool:
    """Show the column or the branch that holds a message; whether it is on the page then.

    Columns of a comparison that do not hold it give way to the one conversation.

    Raises:
        StorageError: it is not there any more, or cannot be read; the page is as it was.
    """
    key, view = shown.key, shown.view
    if key is None:
        return False
    if comparing.active:
        await comparing.settled()
        if shown.view != view:
            return False
    columns = comparing.active and bool(comparing.columns)
    if columns and comparing.holds(message_id):
        return True
    if message_id not in shown.branch:
        # It may be on the branch that is shown, and not be read yet.
        await shown.all_read()
    if shown.key == key and (columns or message_id not in shown.branch):
        conversation = await store.select(message_id)
        if columns:
            await store.set_comparison(key, ())
            conversation = await store.get(key)
        await shown.show_again(conversation, view)
    return shown.key == key and message_id in shown.branch
