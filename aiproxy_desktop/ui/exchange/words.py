"""What exports take from the rest of the interface: names of models, and Markdown as HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from aiproxy_desktop.ui.translation import tr

if TYPE_CHECKING:  # loaded with the first export
    from aiproxy_desktop.services.exchange.readable import DocumentWords

# Characters of a fragment that is laid out at once, see `exchange.pdf`.
_APART = 3000

# What a block, and a row of a table, cost besides, in characters.
_BLOCK, _ROW = 150, 300


class InterfaceWords:
    """Names as the chat shows them, Markdown as the transcript reads it. `render…` are called on a thread."""

    def __init__(self, model_name: Callable[[str | None], str]) -> None:
        self._model_name = model_name

    @property
    def document(self) -> DocumentWords:
        """In the person's language."""
        from aiproxy_desktop.services.exchange.readable import DocumentWords

        return DocumentWords(
            you=tr("You"),
            answer=tr("Answer"),
            system=tr("System"),
            tool=tr("Tool"),
            reasoning=tr("Reasoning"),
            attached=tr("Attached: {file}"),
            called=tr("Called {tool}"),
            gave=tr("{tool} gave"),
            version=tr("version {number} of {count}"),
            tokens=tr("{count} tokens"),
            free=tr("free"),
            interrupted=tr("interrupted"),
            failed=tr("failed"),
        )

    def model_name(self, reference: str | None) -> str:
        """A model's name, for a reference."""
        return self._model_name(reference)

    def render(self, markdown: str) -> str:
        """All of a text as one fragment."""
        from aiproxy_desktop.ui.markdown.html import html_of
        from aiproxy_desktop.ui.markdown.whole import read_message

        wholes = map(read_message, _readable(markdown))
        return "".join(html_of(whole.blocks, whole.references) for whole in wholes)

    def render_apart(self, markdown: str) -> str:
        """As fragments of a few blocks each: a list, a table or code goes on in the next one."""
        from aiproxy_desktop.services.exchange.html import CUT
        from aiproxy_desktop.ui.markdown.blocks import Block, TableRow
        from aiproxy_desktop.ui.markdown.copying import block_text
        from aiproxy_desktop.ui.markdown.html import html_of
        from aiproxy_desktop.ui.markdown.whole import read_message

        fragments: list[str] = []
        for part in _readable(markdown):
            group: list[Block] = []
            size = 0
            whole = read_message(part)
            for block in whole.blocks:
                length = len(block_text(block)) + (_ROW if isinstance(block, TableRow) else _BLOCK)
                if group and size + length > _APART:
                    fragments.append(html_of(group, whole.references))
                    group, size = [], 0
                group.append(block)
                size += length
            fragments.append(html_of(group, whole.references))
        return CUT.join(fragments)


def _readable(text: str) -> Iterator[str]:
    """Parts no longer than what is ever read as one document."""
    from aiproxy_desktop.ui.markdown.limits import MESSAGE

    while len(text) > MESSAGE:
        at = text.rfind("\n", 0, MESSAGE) + 1 or MESSAGE
        yield text[:at]
        text = text[at:]
    yield text
