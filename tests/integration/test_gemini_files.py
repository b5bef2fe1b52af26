"""Media too large to send along, over sockets: uploaded, waited for, used, and deleted whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from aiproxy_desktop.core import errors
from aiproxy_desktop.core.assembler import MessageAssembler
from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.messages import CompletionRequest, MediaPart, Message, TextPart, ToolCallPart
from aiproxy_desktop.core.providers.gemini import files as gemini_files
from aiproxy_desktop.core.providers.gemini import provider as gemini
from aiproxy_desktop.core.providers.gemini.provider import GeminiProvider
from tests.dialects import GEMINI, KEY
from tests.gemini_files import FileService
from tests.waiting import until
from tests.wire import ByteServer, Reply

CLIP = MediaPart("video", "video/mp4", b"\x00" * 600, "clip.mp4")
SMALL = MediaPart("image", "image/png", b"\x01" * 90)


@pytest.fixture(autouse=True)
def small_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (gemini, gemini_files):
        monkeypatch.setattr(module, "MAX_INLINE_PART", 500)
    monkeypatch.setattr(gemini_files, "MAX_INLINE_TOTAL", 1000)
    monkeypatch.setattr(gemini_files, "_POLL_SECONDS", (0.0,))


@asynccontextmanager
async def serving(service: FileService) -> AsyncIterator[tuple[GeminiProvider, ByteServer]]:
    http = HttpClient()
    async with ByteServer(service) as server:
        service.url = server.url
        yield GeminiProvider(http, StaticCredentials({"gemini": KEY}), server.url), server
        await http.aclose()


async def answered(provider: GeminiProvider, *parts: MediaPart) -> str:
    request = CompletionRequest("m", (Message("user", (TextPart("What is it?"), *parts)),))
    answer = MessageAssembler()
    async for event in provider.stream(request):
        answer.feed(event)
    return answer.text


async def test_a_large_file_is_uploaded_waited_for_used_and_deleted() -> None:
    service = FileService(("PROCESSING", "PROCESSING", "ACTIVE"))
    async with serving(service) as (provider, server):
        assert await answered(provider, CLIP, SMALL) == "Seen."
        start, put, *polls, ask, delete = server.exchanges
    assert start.headers["x-goog-upload-protocol"] == "resumable"
    assert start.headers["x-goog-upload-command"] == "start"
    assert start.headers["x-goog-upload-header-content-length"] == "600"
    assert start.headers["x-goog-upload-header-content-type"] == "video/mp4"
    assert start.json == {"file": {"displayName": "clip.mp4"}}
    assert put.headers["x-goog-upload-command"] == "upload, finalize"
    assert put.headers["x-goog-upload-offset"] == "0"
    assert put.body == CLIP.data
    assert KEY not in repr(put.headers)
    assert [(poll.method, poll.path) for poll in polls] == [("GET", "/v1beta/files/f1")] * 2
    question, clip, small = ask.json["contents"][0]["parts"]
    assert question == {"text": "What is it?"}
    assert clip == {"fileData": {"mimeType": "video/mp4", "fileUri": "https://files.example/files/f1"}}
    assert small["inlineData"]["mimeType"] == "image/png"
    assert (delete.method, delete.path) == ("DELETE", "/v1beta/files/f1")


async def test_what_is_small_stays_in_the_request() -> None:
    service = FileService()
    async with serving(service) as (provider, server):
        await answered(provider, SMALL, SMALL, SMALL)
        assert server.paths == [GEMINI.path]
    assert "fileData" not in str(service.asked)


async def test_many_small_files_are_kept_under_the_bound_for_all_and_the_same_one_goes_once() -> None:
    service = FileService()
    middle = MediaPart("image", "image/png", b"\x02" * 400)
    async with serving(service) as (provider, _):
        await answered(provider, middle, SMALL, middle, SMALL)
    kinds = [next(iter(part)) for part in service.asked[0]["contents"][0]["parts"]]
    assert kinds == ["text", "fileData", "inlineData", "fileData", "inlineData"]
    assert [put.body for put in service.uploaded] == [middle.data]
    assert service.deleted == ["files/f1"]


async def test_text_is_never_uploaded() -> None:
    service = FileService()
    async with serving(service) as (provider, _):
        await answered(provider, MediaPart("document", "text/plain", b"a" * 5000, "a.txt"))
    assert service.uploaded == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (GEMINI.refusal(500, "server"), errors.ProviderFailureError),
        (GEMINI.reply(GEMINI.text("Se"), ending="abort"), errors.InterruptedStreamError),
        (GEMINI.reply(*GEMINI.blocked), errors.ContentBlockedError),
    ],
)
async def test_files_are_deleted_when_the_answer_fails(answer: Reply, kind: type[Exception]) -> None:
    service = FileService(answer=answer)
    async with serving(service) as (provider, _):
        with pytest.raises(kind):
            await answered(provider, CLIP)
        assert service.deleted == ["files/f1"]


async def test_a_deletion_that_fails_does_not_spoil_the_answer() -> None:
    service = FileService()
    service.deletion = Reply.json({"error": {"code": 500, "message": "no"}}, 500)
    async with serving(service) as (provider, _):
        assert await answered(provider, CLIP) == "Seen."
    assert service.deleted == ["files/f1"]


async def test_a_deletion_without_an_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gemini_files, "_DELETE_SECONDS", 0.1)
    service = FileService()
    service.deletion = Reply.nothing()
    async with serving(service) as (provider, _):
        assert await answered(provider, CLIP) == "Seen."


@pytest.mark.parametrize(
    ("states", "answer"),
    [(("ACTIVE",), GEMINI.reply(GEMINI.text("Se"), ending="silence")), (("PROCESSING",), Reply.json({}))],
)
async def test_files_are_deleted_when_the_wait_is_cancelled(states: tuple[str, ...], answer: Reply) -> None:
    service = FileService(states, answer)
    async with serving(service) as (provider, server):
        task = asyncio.get_running_loop().create_task(answered(provider, CLIP))
        await until(lambda: len(server.exchanges) >= 3)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()
        assert service.deleted == ["files/f1"]


async def test_leaving_the_answer_early_deletes_the_files() -> None:
    service = FileService(answer=GEMINI.reply(GEMINI.text("Se"), ending="silence"))
    async with serving(service) as (provider, _):
        events = provider.stream(CompletionRequest("m", (Message("user", (CLIP,)),)))
        await anext(events)
        await events.aclose()
        assert service.deleted == ["files/f1"]


async def test_a_file_that_gemini_cannot_read_is_named_and_deleted() -> None:
    service = FileService(("PROCESSING", "FAILED"))
    async with serving(service) as (provider, _):
        with pytest.raises(errors.MediaError, match=r"clip\.mp4"):
            await answered(provider, CLIP)
    assert service.asked == []
    assert service.deleted == ["files/f1"]


async def test_one_upload_that_fails_deletes_the_others() -> None:
    service = FileService()

    def serve(exchange: object) -> Reply:
        reply = service(exchange)  # type: ignore[arg-type]  # whatever the server hands over
        if len(service.uploaded) == 2 and "file" in str(reply.pieces):
            return Reply.json({"error": {"code": 503, "message": "busy"}}, 503)
        return reply

    http = HttpClient()
    async with ByteServer(serve) as server:
        service.url = server.url
        provider = GeminiProvider(http, StaticCredentials({"gemini": KEY}), server.url)
        with pytest.raises(errors.ProviderFailureError):
            await answered(provider, CLIP, MediaPart("audio", "audio/wav", b"\x03" * 700))
        await http.aclose()
    assert service.asked == []
    assert "files/f1" in service.deleted


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://upload.example/put",
        "http://127.0.0.1:1/put",
        "https://generativelanguage.googleapis.com.example/put",
        "file:///etc/passwd",
        "not an address",
    ],
)
async def test_bytes_go_to_no_other_host(url: str) -> None:
    service = FileService()
    service.upload_url = url
    async with serving(service) as (provider, server):
        with pytest.raises(errors.ProtocolError):
            await answered(provider, CLIP)
        assert server.paths == ["/upload/v1beta/files"]


async def test_nothing_is_uploaded_for_a_request_that_cannot_be_said() -> None:
    service = FileService()
    wrong = Message("assistant", (ToolCallPart("1", "look_up", "{"),))
    async with serving(service) as (provider, server):
        events = provider.stream(CompletionRequest("m", (Message("user", (CLIP,)), wrong)))
        with pytest.raises(errors.InvalidRequestError, match="look_up"):
            await anext(events)
        assert server.exchanges == []


@pytest.mark.parametrize(
    ("address", "asked", "trusted"),
    [
        (
            "https://generativelanguage.googleapis.com/put",
            "https://generativelanguage.googleapis.com/x",
            True,
        ),
        ("https://upload.googleapis.com/put", "https://generativelanguage.googleapis.com/x", True),
        (
            "http://generativelanguage.googleapis.com/put",
            "https://generativelanguage.googleapis.com/x",
            False,
        ),
        ("https://evilgoogleapis.com/put", "https://generativelanguage.googleapis.com/x", False),
        ("https://proxy.example/put", "https://proxy.example/x", True),
        ("https://upload.googleapis.com/put", "https://proxy.example/x", False),
    ],
)
def test_which_addresses_are_the_service_s_own(address: str, asked: str, trusted: bool) -> None:
    assert gemini_files.is_trusted(address, asked) is trusted
