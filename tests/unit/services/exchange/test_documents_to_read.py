from __future__ import annotations

import json
import re
import zipfile
from dataclasses import fields, replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

from hypothesis import given, settings

from aiproxy_desktop.core.messages import Role, ToolCallPart, ToolResultPart
from aiproxy_desktop.services.exchange.documents import from_document
from aiproxy_desktop.services.exchange.files import file_name
from aiproxy_desktop.services.exchange.html import CUT, Rendering, body, code, in_pieces, plain, to_html
from aiproxy_desktop.services.exchange.markdown import to_markdown
from aiproxy_desktop.services.exchange.readable import ENGLISH, DocumentWords
from aiproxy_desktop.storage.archives import Archived
from aiproxy_desktop.storage.records import MessageStatus
from tests.unit.services.exchange.parts import PlainWords, history
from tests.unit.services.exchange.trees import ANYTHING, conversations

EXPORTS = Path(__file__).parents[3] / "exports"
WORDS = PlainWords()


def box() -> Archived:
    return from_document(json.loads((EXPORTS / "ours.json").read_text())["conversations"][0])


class Elements(HTMLParser):
    """Every element and attribute of a document, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_markdown_reads_as_it_was_said() -> None:
    archived = box()
    question, answer = archived.messages
    answer = replace(
        answer,
        reasoning="Small leaves.\nA box.",
        parts=(ToolCallPart("1", "look", '{"a": "```"}'), ToolResultPart("1", "look", "thyme")),
    )
    text = to_markdown(replace(archived, messages=(question, answer)), WORDS.model_name)
    assert text.startswith("# A window box\n")
    assert "**You** · " in text
    assert "Attached: box.png (70 bytes)" in text
    assert "**small** · " in text
    assert "> Small leaves.\n> A box." in text
    assert '````json\n{"a": "```"}\n````' in text
    assert text.rstrip().endswith("Thyme, **most** likely.")


def test_documents_speak_the_language_they_are_given() -> None:
    other = DocumentWords(
        **{field.name: f"¿{getattr(ENGLISH, field.name).swapcase()}" for field in fields(DocumentWords)}
        | {"attached": "¿{file}", "called": "¿{tool}", "gave": "{tool}?", "tokens": "¿{count}"}
        | {"version": "¿{number}/{count}"}
    )
    archived = box()
    question, answer = archived.messages
    turns: list[tuple[Role, MessageStatus]] = [
        ("user", "complete"),
        ("assistant", "interrupted"),
        ("tool", "failed"),
        ("system", "complete"),
    ]
    said = [
        replace(
            answer,
            id=f"{number:032x}",
            model=None,
            role=role,
            status=status,
            reasoning="Small leaves.",
            notes=("Beans {were} left out.",),
            parts=(ToolCallPart("1", "look", "{}"), ToolResultPart("1", "look", "thyme")),
            attachments=question.attachments,
            parent_id=None if number == 0 else f"{number - 1:032x}",
        )
        for number, (role, status) in enumerate(turns)
    ]
    leaf = replace(archived.conversation, leaf_id=said[-1].id)
    whole = replace(archived, conversation=leaf, messages=(*said, replace(said[-1], id="f" * 32)))
    html = "".join(to_html(whole, lambda _: "", WORDS.render, lambda _: "", other))
    for text in (to_markdown(whole, lambda _: "", said=other), Elements(html).text):
        assert "Beans {were} left out." in text.replace("\\", "")
        words = set(re.findall(r"[A-Za-z]+", text))
        for field in fields(DocumentWords):
            english = set(re.findall(r"[A-Za-z]+", re.sub(r"{.*?}", "", getattr(ENGLISH, field.name))))
            assert not words & english, field.name


def test_only_the_branch_shown_is_in_it_and_says_which_version_it_is() -> None:
    archived = box()
    other = replace(
        archived.messages[1], id="0" * 31 + "c", text="Mint", created_at=datetime(2026, 4, 1, tzinfo=UTC)
    )
    text = to_markdown(replace(archived, messages=(*archived.messages, other)), WORDS.model_name)
    assert "Mint" not in text
    assert "version 1 of 2" in text


def test_html_holds_its_images_and_may_load_nothing() -> None:
    text = "".join(to_html(box(), WORDS.model_name, WORDS.render, lambda _: "data:image/png;base64,AA"))
    found = Elements(text)
    policy = next(value for name, value in found.attributes if "default-src" in value)
    assert "default-src 'none'" in policy
    assert "script" not in found.tags
    assert ("src", "data:image/png;base64,AA") in found.attributes
    assert "prefers-color-scheme: dark" in text


@settings(max_examples=60)
@given(conversations(), ANYTHING)
def test_no_text_becomes_an_element(drawn: tuple[Archived, dict[str, bytes]], title: str) -> None:
    archived, _ = drawn
    evil = title + '<script>alert(1)</script><img src=x onerror="y">' + CUT
    archived = replace(
        archived,
        conversation=replace(archived.conversation, title=evil),
        messages=tuple(
            replace(one, text=evil, reasoning=evil, error_title=evil, notes=(evil,), model=f"m:{evil}")
            for one in archived.messages
        ),
    )
    text = "".join(to_html(archived, WORDS.model_name, WORDS.render, lambda _: ""))
    found = Elements(text)
    assert not found.tags & {"script", "img", "iframe", "link", "object"}
    assert not [name for name, _ in found.attributes if name.startswith("on")]
    assert CUT not in text
    assert to_markdown(archived, WORDS.model_name)


@given(ANYTHING)
def test_pieces_hold_all_of_a_text(text: str) -> None:
    cut = in_pieces(lambda piece: piece, 5)(text)
    assert cut.replace(CUT, "") == text.replace(CUT, "")
    assert all(len(piece) <= 5 for piece in cut.split(CUT))


def test_a_long_message_is_many_pieces() -> None:
    archived = box()
    long = replace(archived.messages[0], text="x" * 100_000)
    archived = replace(archived, messages=(long, archived.messages[1]))
    how = Rendering(WORDS.render, in_pieces(plain, 3000), in_pieces(code, 3000), lambda _: "")
    pieces = "".join(body(archived, WORDS.model_name, how)).split(CUT)
    assert len(pieces) > 30
    assert max(map(len, pieces)) < 4000


async def test_all_as_documents_in_a_zip(tmp_path: Path) -> None:
    async with history(tmp_path / "history") as parts:
        await parts.take_in(EXPORTS / "ours.json")
        await parts.take_in(EXPORTS / "open_webui.json")
        for name in ("../../etc", "A window box", "con"):
            await parts.store.create(name)
        for form, ending in (("markdown", "md"), ("html", "html"), ("pdf", "pdf")):
            target = tmp_path / f"{form}.zip"
            summary = await parts.service.export_all(target, form)  # type: ignore[arg-type] # one of three
            assert summary.conversations == 6
            with zipfile.ZipFile(target) as packed:
                assert packed.testzip() is None
                names = [name for name in packed.namelist() if not name.startswith("attachments/")]
                assert len(set(names)) == 6
                assert all(name.endswith(f".{ending}") and "/" not in name for name in names)
        with zipfile.ZipFile(tmp_path / "markdown.zip") as packed:
            box_name = next(name for name in packed.namelist() if "2026-03-01" in name)
            place = packed.read(box_name).decode().partition("![")[2].partition("](")[2].partition(")")[0]
            assert place in packed.namelist()


@given(ANYTHING)
def test_any_title_is_a_name_for_a_file(title: str) -> None:
    name = file_name(title)
    assert name
    assert name not in {".", ".."}
    assert not set(name) & set('/\\:*?"<>|\0\n')
    assert len(name.encode()) < 400
