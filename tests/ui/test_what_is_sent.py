"""From the composer to the wire: files and options as each service gets them, asked in the real window."""

from __future__ import annotations

import wave
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage, QPainter, QPdfWriter
from PySide6.QtWidgets import QAbstractButton

from aiproxy_desktop.core.messages import MediaKind
from tests.dialects import ANTHROPIC, GEMINI, KEY, OPENAI, Dialect, Sent
from tests.ui.chat_window import Window, opened
from tests.waiting import until
from tests.wire import ByteServer, Exchange, Reply


@dataclass(frozen=True)
class Service:
    """One dialect as the environment points to it, with a model whose abilities the application knows."""

    dialect: Dialect
    model: str
    listed: object
    url: str
    base: str
    key: str

    def answers(self, exchange: Exchange) -> Reply:
        """Its models, or an answer."""
        if exchange.method == "GET":
            return Reply.json(self.listed)
        return self.dialect.reply(self.dialect.text("I see."), self.dialect.finish("stop"))

    def environ(self, server: ByteServer) -> dict[str, str]:
        """What leads there."""
        return {self.url: f"{server.url}{self.base}", self.key: KEY}


def _openai(model: str) -> Service:
    listed = {"object": "list", "data": [{"id": model}]}
    return Service(OPENAI, f"openai:{model}", listed, "OPENAI_BASE_URL", "/v1", "OPENAI_API_KEY")


_GEMINI_MODELS = {
    "models": [{"name": "models/gemini-2.5-flash", "supportedGenerationMethods": ["generateContent"]}]
}
_CLAUDE = {
    "data": [{"type": "model", "id": "claude-sonnet-4-5", "display_name": "Claude"}],
    "has_more": False,
}
SEEING = _openai("gpt-4o")
HEARING = _openai("gpt-4o-audio-preview")
GOOGLE = Service(
    *(GEMINI, "gemini:gemini-2.5-flash", _GEMINI_MODELS), "GOOGLE_GEMINI_BASE_URL", "", "GEMINI_API_KEY"
)
CLAUDE = Service(
    *(ANTHROPIC, "anthropic:claude-sonnet-4-5", _CLAUDE), "ANTHROPIC_BASE_URL", "", "ANTHROPIC_API_KEY"
)


@dataclass
class Asked:
    """The window in front of a service."""

    window: Window
    server: ByteServer
    service: Service

    async def attach(self, *paths: Path) -> None:
        """Take these in."""
        attaching = self.window.parts.view_model.attaching
        attaching.add_paths(paths)
        await until(lambda: not attaching.loading(None) and len(attaching.items) == len(paths), "the files")
        assert [item.sentence for item in attaching.items] == [""] * len(paths)

    async def ask(self, text: str) -> Sent:
        """Send it by Enter; what the service read."""
        await self.window.ask(text)
        await self.window.answered()
        (post,) = [one for one in self.server.exchanges if one.method == "POST"]
        assert self.service.dialect.read is not None
        return self.service.dialect.read(post.json)


@asynccontextmanager
async def asking(folder: Path, service: Service) -> AsyncIterator[Asked]:
    async with (
        ByteServer(service.answers) as server,
        opened(folder, service.environ(server)) as window,
    ):
        await window.parts.settings.update(auto_titles=False)
        models = window.parts.view_model.models
        models.pick(service.model)
        await until(lambda: models.choice is not None and models.choice.reference == service.model)
        yield Asked(window, server, service)


def files(folder: Path, kinds: Sequence[MediaKind]) -> dict[MediaKind, Path]:
    """A file of each kind."""
    made: dict[MediaKind, Path] = {}
    if "image" in kinds:
        image = QImage(64, 48, QImage.Format.Format_RGB32)
        image.fill(QColor("green"))
        made["image"] = folder / "plan.png"
        assert image.save(str(made["image"]))
    if "document" in kinds:
        made["document"] = folder / "report.pdf"
        writer = QPdfWriter(str(made["document"]))
        painter = QPainter(writer)
        painter.drawText(100, 100, "Quarterly report")
        painter.end()
    if "audio" in kinds:
        made["audio"] = folder / "voice.wav"
        with wave.open(str(made["audio"]), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(8000)
            sound.writeframes(bytes(16_000))
    return made


@pytest.mark.parametrize(
    ("service", "kinds"),
    [
        (SEEING, ("image", "document")),
        (HEARING, ("audio",)),
        (GOOGLE, ("image", "audio", "document")),
        (CLAUDE, ("image", "document")),
    ],
    ids=["openai", "openai-audio", "gemini", "anthropic"],
)
async def test_each_kind_of_file_arrives_as_it_was_attached(
    tmp_path: Path, service: Service, kinds: tuple[MediaKind, ...]
) -> None:
    made = files(tmp_path, kinds)
    notes = tmp_path / "notes.md"
    notes.write_text("Milk and bread", encoding="utf-8")
    async with asking(tmp_path, service) as asked:
        await asked.attach(*made.values(), notes)
        assert not asked.window.shows("chat.attachments.advice")
        sent = await asked.ask("What is in them?")
        ((role, pieces),) = sent.turns
        assert role == "user"
        assert [piece[0] for piece in pieces] == [*made, "text"]
        for piece, path in zip(pieces, made.values(), strict=False):
            assert piece[2] == path.read_bytes() or piece[0] == "image"
        assert pieces[0][1] in {"image/png", "audio/wav"}
        assert pieces[-1][1] == "notes.md:\n```\nMilk and bread\n```\n\nWhat is in them?"


async def test_a_sound_for_a_model_that_does_not_hear_is_said_before_anything_is_sent(tmp_path: Path) -> None:
    async with asking(tmp_path, CLAUDE) as asked:
        await asked.attach(*files(tmp_path, ("audio",)).values())
        assert asked.window.shows("chat.attachments.advice")
        assert not asked.window.find(QAbstractButton, "chat.send").isEnabled()
        assert not [one for one in asked.server.exchanges if one.method == "POST"]


@pytest.mark.parametrize("service", [SEEING, GOOGLE, CLAUDE], ids=["openai", "gemini", "anthropic"])
async def test_options_arrive_and_what_is_left_out_is_noted(tmp_path: Path, service: Service) -> None:
    async with asking(tmp_path, service) as asked:
        view = asked.window.parts.view_model
        view.writing.options.set(
            system="Be brief.", temperature=0.5, output_limit=300, json_mode=True, web_search=False
        )
        sent = await asked.ask("Hello")
        assert (sent.temperature, sent.max_tokens) == (0.5, 300)
        # Claude is asked for JSON in words.
        assert sent.system.startswith("Be brief.")
        notes = " ".join(view.messages[-1].notes)
        assert sent.json == "object" or "JSON" in sent.system, notes


async def test_web_search_and_effort_arrive(tmp_path: Path) -> None:
    async with asking(tmp_path, GOOGLE) as asked:
        asked.window.parts.view_model.writing.options.set(web_search=True, effort="high")
        await asked.ask("Hello")
        body = asked.server.exchanges[-1].json
        assert body["tools"] == [{"googleSearch": {}}]
        assert body["generationConfig"]["thinkingConfig"]["thinkingBudget"] > 0


async def test_web_search_is_claudes_own_tool(tmp_path: Path) -> None:
    async with asking(tmp_path, CLAUDE) as asked:
        asked.window.parts.view_model.writing.options.set(web_search=True)
        await asked.window.ask("Hello")
        await asked.window.answered()
        assert asked.server.exchanges[-1].json["tools"] == [
            {"type": "web_search_20250305", "name": "web_search"}
        ]


async def test_who_does_not_search_says_so_below_the_answer(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        view = window.parts.view_model
        view.writing.options.set(web_search=True)
        await window.ask("Hello")
        await window.answered()
        said = "SmolLM2 135M offers no web search, so it was left out."
        await until(lambda: said in view.messages[-1].notes, "the note")
