"""The parity matrix: images, sound and documents, as each service got them, and images that come back."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from aiproxy_desktop.core.errors import MediaError, UnsupportedError
from aiproxy_desktop.core.events import ImageReceived
from aiproxy_desktop.core.messages import MediaPart, Message, TextPart
from aiproxy_desktop.core.models import Capabilities, ModelInfo
from aiproxy_desktop.core.testing import EchoProvider
from tests.dialects import ANTHROPIC, DIALECTS, GEMINI, OLLAMA, OPENAI, RESPONSES, Dialect
from tests.dialects.asking import asking, folded
from tests.dialects.builtin import BUILTIN
from tests.wire import ByteServer, Exchange, Reply

ROWS = (*DIALECTS, BUILTIN)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256))
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(range(256))
MP3 = b"ID3\x04\x00\x00" + bytes(range(256))
PDF = b"%PDF-1.7\n" + bytes(range(256))

each_dialect = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
each_row = pytest.mark.parametrize("dialect", ROWS, ids=lambda dialect: dialect.name)


def rows(*without: Dialect) -> pytest.MarkDecorator:
    """The dialects that take something."""
    taking = [row for row in DIALECTS if row not in without]
    return pytest.mark.parametrize("dialect", taking, ids=lambda dialect: dialect.name)


def data_url(mime: str, data: bytes) -> str:
    return f"data:{mime};base64,{b64encode(data).decode()}"


def said(dialect: Dialect) -> tuple[bytes, ...]:
    return (dialect.text("I see."), dialect.finish("stop"))


async def received(dialect: Dialect, *parts: dict[str, Any]) -> list[Any]:
    """The pieces of the one user turn, as the service read them, by the usual names of their types."""
    async with asking(dialect, said(dialect)) as asked:
        await asked.answer([{"role": "user", "content": list(parts)}])
        ((role, pieces),) = asked.sent.turns
    assert role == "user"
    usual = {"audio/mp3": "audio/mpeg"}
    return [(kind, usual.get(what[0], what[0]), *what[1:]) for kind, *what in pieces]


TEXT = {"type": "text", "text": "What is this?"}


@each_dialect
async def test_an_image_in_a_data_url(dialect: Dialect) -> None:
    part = {"type": "image_url", "image_url": {"url": data_url("image/png", PNG), "detail": "high"}}
    assert sorted(await received(dialect, TEXT, part)) == [
        ("image", "image/png", PNG),
        ("text", TEXT["text"]),
    ]


@each_dialect
async def test_the_bytes_say_what_an_image_is(dialect: Dialect) -> None:
    part = {"type": "image_url", "image_url": data_url("image/png", JPEG)}
    assert ("image", "image/jpeg", JPEG) in await received(dialect, TEXT, part)


@each_dialect
async def test_an_image_at_an_address_and_one_on_disk(dialect: Dialect, tmp_path: Path) -> None:
    path = tmp_path / "a picture.png"
    path.write_bytes(PNG)
    picture = Reply(200, "image/jpeg", (JPEG,))
    async with ByteServer(picture) as web:
        parts: list[dict[str, Any]] = [
            TEXT,
            {"type": "image_url", "image_url": {"url": f"{web.url}/picture?token=secret"}},
            {"type": "image_url", "image_url": {"url": str(path)}},
            {"type": "image_url", "image_url": path.as_uri()},
        ]
        found = await received(dialect, *parts)
        assert web.paths == ["/picture?token=secret"]
        assert not {"authorization", "cookie", "x-goog-api-key", "x-api-key"} & set(web.exchanges[0].headers)
    images = [piece for piece in found if piece[0] == "image"]
    assert images == [("image", "image/jpeg", JPEG), *[("image", "image/png", PNG)] * 2]


@pytest.mark.parametrize("dialect", [OPENAI, RESPONSES], ids=lambda dialect: dialect.name)
async def test_how_closely_to_look_at_an_image_is_told_wherever_it_comes_from(dialect: Dialect) -> None:
    async with ByteServer(Reply(200, "image/png", (PNG,))) as web, asking(dialect, said(dialect)) as asked:
        url = f"{web.url}/a.png"
        parts = [
            {"type": "image_url", "image_url": {"url": url, "detail": "low"}},
            {"type": "image_url", "image_url": {"url": url, "detail": "high"}},
            {"type": "image_url", "image_url": {"url": data_url("image/png", PNG), "detail": "original"}},
        ]
        await asked.answer([{"role": "user", "content": parts}])
        assert web.paths == ["/a.png"]
        body = asked.posts[-1].json
    turn = body["input" if dialect is RESPONSES else "messages"][-1]
    told = [part if dialect is RESPONSES else part["image_url"] for part in turn["content"]]
    assert [part["detail"] for part in told] == ["low", "high", "original"]


@each_dialect
async def test_an_image_that_is_not_there_is_named_and_nothing_sent(dialect: Dialect, tmp_path: Path) -> None:
    async with ByteServer(Reply.json({}, 404)) as web, asking(dialect, said(dialect)) as asked:
        for place in (f"{web.url}/gone.png?token=secret", str(tmp_path / "gone.png")):
            with pytest.raises(MediaError) as caught:
                await asked.answer(
                    [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": place}}]}]
                )
            assert "secret" not in str(caught.value)
        assert asked.server.exchanges == []


@rows(ANTHROPIC)
@pytest.mark.parametrize(
    ("form", "mime", "data"), [("wav", "audio/wav", WAV), ("mp3", "audio/mpeg", MP3)], ids=["wav", "mp3"]
)
async def test_sound_comes_as_it_is(dialect: Dialect, form: str, mime: str, data: bytes) -> None:
    part = {"type": "input_audio", "input_audio": {"data": b64encode(data).decode(), "format": form}}
    assert ("audio", mime, data) in await received(dialect, TEXT, part)
    linked = {"type": "audio_url", "audio_url": {"url": data_url(mime, data)}}
    assert ("audio", mime, data) in await received(dialect, TEXT, linked)


@rows(OLLAMA)
async def test_a_pdf_comes_as_it_is(dialect: Dialect, tmp_path: Path) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(PDF)
    encoded = b64encode(PDF).decode()
    for part in (
        {"type": "pdf", "pdf": {"url": str(path)}},
        {
            "type": "file",
            "file": {"file_data": f"data:application/pdf;base64,{encoded}", "filename": "p.pdf"},
        },
        {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": encoded}},
    ):
        assert ("document", "application/pdf", PDF) in await received(dialect, TEXT, part)


@each_row
async def test_a_text_document_is_read_by_all(dialect: Dialect, tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    path.write_text("# Grüße ☀", encoding="utf-8")
    found = await received(dialect, TEXT, {"type": "document", "document": {"path": str(path)}})
    assert any("# Grüße ☀" in str(_text_of(piece)) for piece in found)


def _text_of(piece: tuple[Any, ...]) -> str:
    return piece[-1].decode() if isinstance(piece[-1], bytes) else piece[-1]


# What each dialect has no words for, whatever the model.
NO_WORDS: list[tuple[Dialect, str, dict[str, Any]]] = [
    (ANTHROPIC, "audio", {"type": "input_audio", "input_audio": {"data": "SUQz", "format": "mp3"}}),
    (OLLAMA, "document", {"type": "pdf", "pdf": {"data": b64encode(PDF).decode()}}),
    (RESPONSES, "video", {"type": "video_url", "video_url": {"url": data_url("video/mp4", b"film")}}),
    (OPENAI, "video", {"type": "video_url", "video_url": {"url": data_url("video/mp4", b"film")}}),
    (ANTHROPIC, "video", {"type": "video_url", "video_url": {"url": data_url("video/mp4", b"film")}}),
    (OLLAMA, "video", {"type": "video_url", "video_url": {"url": data_url("video/mp4", b"film")}}),
    (OPENAI, "video", {"type": "video", "url": "https://youtu.be/x"}),
    (ANTHROPIC, "video", {"type": "video", "url": "https://youtu.be/x"}),
    (ANTHROPIC, "image", {"type": "image", "url": "gs://pictures/a.png"}),
    (OLLAMA, "image", {"type": "image", "url": "gs://pictures/a.png"}),
    (GEMINI, "document", {"type": "file", "file": {"file_id": "file-1"}}),
    (BUILTIN, "image", {"type": "image_url", "image_url": {"url": data_url("image/png", PNG)}}),
    (BUILTIN, "audio", {"type": "input_audio", "input_audio": {"data": "SUQz", "format": "mp3"}}),
]


@pytest.mark.parametrize(
    ("dialect", "kind", "part"), NO_WORDS, ids=[f"{row.name}-{kind}" for row, kind, _ in NO_WORDS]
)
async def test_what_a_dialect_has_no_words_for_is_refused_before_anything_is_sent(
    dialect: Dialect, kind: str, part: dict[str, Any]
) -> None:
    async with asking(dialect, said(dialect)) as asked:
        with pytest.raises(UnsupportedError) as caught:
            await asked.answer([{"role": "user", "content": [TEXT, part]}])
        assert asked.posts == []
    assert (caught.value.part, caught.value.model) == (kind, f"{dialect.name}:m")
    assert caught.value.advice


class Able(EchoProvider):
    """A provider at hand whose model takes everything."""

    async def list_models(self) -> tuple[ModelInfo, ...]:
        able = Capabilities(vision=True, audio=True, video=True, documents=True, tools=True)
        return (ModelInfo("reader", self.id, "Reader", 100_000, capabilities=able),)


MEDIA = {
    "image": {"type": "image_url", "image_url": {"url": data_url("image/png", PNG)}},
    "audio": {"type": "input_audio", "input_audio": {"data": b64encode(MP3).decode(), "format": "mp3"}},
    "document": {"type": "pdf", "pdf": {"data": b64encode(PDF).decode()}},
    "video": {"type": "video_url", "video_url": {"url": data_url("video/mp4", b"film")}},
    "image not loaded": {"type": "image_url", "image_url": {"url": "https://example.invalid/a.png"}},
}


@each_row
@pytest.mark.parametrize("what", MEDIA)
async def test_what_a_model_cannot_take_is_refused_with_those_that_can(dialect: Dialect, what: str) -> None:
    def reply(exchange: Exchange) -> Reply:
        return Reply.json(dialect.models) if exchange.method == "GET" else dialect.reply(*said(dialect))

    part = MEDIA[what]
    kind = what.partition(" ")[0]
    async with asking(dialect, reply, others=(Able(id="able"),)) as asked:
        deaf = Capabilities(vision=False, audio=False, video=False, documents=False)
        registry = asked.client.registry
        registry.remember(dialect.name, [ModelInfo("m", dialect.name, "M", capabilities=deaf)])
        with pytest.raises(UnsupportedError) as caught:
            await asked.answer([{"role": "user", "content": [TEXT, part]}])
        assert asked.posts == []
    error = caught.value
    assert (error.part, error.model, error.provider) == (kind, f"{dialect.name}:m", dialect.name)
    assert "able:reader" in error.alternatives
    assert "able:reader" in error.advice
    assert "M does not take" in error.title


@pytest.mark.parametrize("dialect", [OPENAI, RESPONSES, GEMINI], ids=lambda dialect: dialect.name)
async def test_images_come_back_and_go_back(dialect: Dialect) -> None:
    assert dialect.image is not None
    pieces = (dialect.text("Here. ") + dialect.image("image/png", PNG), dialect.finish("stop"))
    async with asking(dialect, pieces) as asked:
        whole = await asked.answer(return_images=True)
        chunked = folded(await asked.chunks(return_images=True))
        events, _ = await asked.events(return_images=True)
        message = whole["choices"][0]["message"]
        await asked.answer(
            [{"role": "user", "content": "Draw."}, message, {"role": "user", "content": "Now in blue."}]
        )
        pieces_sent = [piece for _, pieces in asked.sent.turns for piece in pieces]
    assert whole["images"] == {"data": PNG, "mime_type": "image/png"}
    assert json.loads(json.dumps(message)) == message
    assert chunked["message"] == message
    assert message["images"] == [{"type": "image_url", "image_url": {"url": data_url("image/png", PNG)}}]
    assert [event for event in events if isinstance(event, ImageReceived)] == [
        ImageReceived("image/png", PNG)
    ]
    assert ("image", "image/png", PNG) in pieces_sent


@pytest.mark.parametrize("dialect", [OPENAI, GEMINI], ids=lambda dialect: dialect.name)
async def test_several_images_are_a_list(dialect: Dialect) -> None:
    assert dialect.image is not None
    pieces = (
        dialect.image("image/png", PNG) + dialect.image("image/jpeg", JPEG),
        dialect.finish("stop"),
    )
    async with asking(dialect, pieces) as asked:
        images = (await asked.answer(return_images=True))["images"]
    assert images == [
        {"data": PNG, "mime_type": "image/png"},
        {"data": JPEG, "mime_type": "image/jpeg"},
    ]


@pytest.mark.parametrize("dialect", [OLLAMA, ANTHROPIC, BUILTIN], ids=lambda dialect: dialect.name)
async def test_a_model_without_images_answers_in_text_and_says_so(dialect: Dialect) -> None:
    async with asking(dialect, said(dialect)) as asked:
        answer = await asked.answer(return_images=True)
    assert answer["choices"][0]["message"]["content"] == "I see."
    assert [note["parameter"] for note in answer["notes"]] == ["images"]


@each_dialect
async def test_values_are_taken_as_dictionaries_are(dialect: Dialect) -> None:
    message = Message("user", (TextPart("What is this?"), MediaPart("image", "image/png", PNG)))
    async with asking(dialect, said(dialect)) as asked:
        await asked.answer([message])
        (_, by_value) = asked.sent.turns[0]
        await asked.answer([{"role": "user", "content": [TEXT, MEDIA["image"]]}])
        (_, by_dictionary) = asked.sent.turns[0]
    assert by_value == by_dictionary
