"""A conversation as one HTML file that needs nothing else, and may do nothing.

Its policy allows images and styles inside it alone: no script, no font and no address is ever loaded.
All text is escaped. Readable in a light and in a dark browser, and on paper.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape

from aiproxy_desktop.core.messages import ToolCallPart, ToolResultPart
from aiproxy_desktop.services.exchange.readable import (
    ENGLISH,
    DocumentWords,
    ModelName,
    Turn,
    branch,
    described,
    when,
)
from aiproxy_desktop.storage.archives import Archived
from aiproxy_desktop.storage.records import Attachment, StoredPart

# Text as a fragment of safe HTML.
Render = Callable[[str], str]

# Stands where a document can be taken apart. No text can hold it: `<` is always escaped.
CUT = "<!-- cut -->"

# What an image is shown from, such as a data URL; empty where there is nothing to show.
ImageSource = Callable[[Attachment], str]


@dataclass(frozen=True, slots=True)
class Rendering:
    """How the parts of a message become HTML."""

    markdown: Render
    plain: Render
    code: Render
    image: ImageSource
    said: DocumentWords = ENGLISH


# Inline styles say how a table cell is aligned; nothing a style can name is ever loaded.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"

# Colours are those of the application, see the theme's tokens.
STYLE = """
:root { color-scheme: light dark; --ground: #fdfcfa; --text: #1c1b19; --muted: #66625b; --line: #e2ded7;
  --soft: #f4f2ee; --accent: #11667a; }
@media (prefers-color-scheme: dark) { :root { --ground: #191a1a; --text: #e8e6e3; --muted: #a3a09a;
  --line: #34363a; --soft: #222425; --accent: #6bb9cb; } }
body { margin: 0; background: var(--ground); color: var(--text);
  font: 15px/24px Inter, system-ui, sans-serif; }
main { max-width: 720px; margin: 0 auto; padding: 32px 24px 64px; }
h1.title { font-size: 28px; line-height: 36px; margin: 0; }
.facts { color: var(--muted); font-size: 13px; line-height: 20px; margin: 0 0 8px; }
section { border-top: 1px solid var(--line); margin-top: 24px; padding-top: 16px; }
section h2.who { font-size: 15px; line-height: 24px; margin: 0; }
p { margin: 0 0 8px; overflow-wrap: anywhere; }
a { color: var(--accent); }
pre { background: var(--soft); border-radius: 8px; padding: 8px 12px; overflow-x: auto;
  font: 13px/20px "JetBrains Mono", monospace; }
code { font-family: "JetBrains Mono", monospace; font-size: 13px; }
blockquote, details { margin: 0 0 12px; padding-inline-start: 12px; color: var(--muted);
  border-inline-start: 2px solid var(--line); }
table { border-collapse: collapse; margin-bottom: 12px; }
th, td { border-bottom: 1px solid var(--line); padding: 4px 12px 4px 0; text-align: start; }
img { max-width: 100%; border-radius: 8px; }
.error { color: #a8322b; }
@media (prefers-color-scheme: dark) { .error { color: #ef8d85; } }
@media print { body { background: none; } pre { white-space: pre-wrap; } section { break-inside: auto; } }
"""


def to_html(
    archived: Archived,
    model_name: ModelName,
    render: Render,
    image: ImageSource,
    said: DocumentWords = ENGLISH,
) -> Iterator[str]:
    """The document, in pieces: its head, each message, its end."""
    title = escape(" ".join(archived.conversation.title.split()))
    yield (
        '<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
    )
    yield from body(archived, model_name, Rendering(render, plain, code, image, said))
    yield "</main>\n</body>\n</html>\n"


def body(archived: Archived, model_name: ModelName, how: Rendering) -> Iterator[str]:
    """What stands between head and end: the title, then each message."""
    conversation = archived.conversation
    yield (
        f'<h1 class="title" dir="auto">{escape(" ".join(conversation.title.split()))}</h1>\n'
        f'<p class="facts">{when(conversation.created_at)}</p>\n'
    )
    if conversation.options.system:
        yield f"<blockquote>{how.plain(conversation.options.system)}</blockquote>\n"
    for turn in branch(archived, model_name, how.said):
        yield _turn(turn, how)


def plain(text: str) -> str:
    """A text as it was written, in paragraphs."""
    paragraphs = (escape(one).replace("\n", "<br>\n") for one in text.strip("\n").split("\n\n"))
    return "".join(f'<p dir="auto">{one}</p>\n' for one in paragraphs)


def code(text: str) -> str:
    """A text in fixed pitch."""
    return f'<pre dir="ltr"><code>{escape(text)}</code></pre>\n'


def in_pieces(render: Render, most: int) -> Render:
    """The same, of pieces of at most so many characters, with cuts between them."""

    def rendered(text: str) -> str:
        pieces: list[str] = []
        while len(text) > most:
            at = max(text.rfind("\n", 0, most), text.rfind(" ", most // 2, most)) + 1 or most
            pieces.append(text[:at])
            text = text[at:]
        return CUT.join(render(piece) for piece in (*pieces, text))

    return rendered


def data_url(mime: str, data: bytes) -> str:
    """Bytes of an image as an address."""
    return f"data:{escape(mime)};base64,{base64.b64encode(data).decode('ascii')}"


def _turn(turn: Turn, how: Rendering) -> str:
    message = turn.message
    pieces = [
        f'<section>\n<h2 class="who" dir="auto">{escape(turn.speaker)}</h2>\n',
        f'<p class="facts">{escape(turn.facts)}</p>\n',
    ]
    pieces += [_attached(one, how.image(one), how.said) for one in message.attachments]
    if message.reasoning:
        head = escape(how.said.reasoning)
        pieces.append(f"<details>\n<summary>{head}</summary>\n{how.plain(message.reasoning)}</details>\n")
    pieces += [_part(part, how) for part in message.parts]
    if message.text.strip():
        # What a person wrote is shown as it is written, an answer as Markdown.
        pieces.append(how.markdown(message.text) if message.role == "assistant" else how.plain(message.text))
    pieces += [f'<p class="facts">{escape(note)}</p>\n' for note in message.notes]
    if message.error_title:
        pieces.append(f'<p class="error">{escape(message.error_title)}. {escape(message.error_advice)}</p>\n')
    pieces.append("</section>\n")
    return "".join(pieces)


def _attached(attachment: Attachment, source: str, said: DocumentWords) -> str:
    if not source:
        line = said.attached.format(file=described(attachment))
        return f'<p class="facts">{escape(line)}</p>\n'
    return f'<p><img src="{source}" alt="{escape(described(attachment))}"></p>\n'


def _part(part: StoredPart, how: Rendering) -> str:
    match part:
        case ToolCallPart():
            head, text = how.said.called.format(tool=part.name), part.arguments
        case ToolResultPart():
            head, text = how.said.gave.format(tool=part.name), part.content
        case _:
            return ""
    return f"<details>\n<summary>{escape(head)}</summary>\n{how.code(text)}</details>\n"
