from __future__ import annotations

import pytest

from aiproxy_desktop.core.compatibility import check
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.messages import CompletionRequest, MediaPart, Message
from aiproxy_desktop.core.models import Capabilities, ModelInfo
from aiproxy_desktop.core.text_documents import document_text, with_documents_as_text
from tests.dialects import DIALECTS, Dialect
from tests.dialects.base import KEY
from tests.wire import ByteServer

TEXT_TYPES = (
    "text/plain; charset=utf-8",
    "application/json",
    "application/ld+json",
    "application/x-yaml",
    "application/x-ndjson",
    "application/atom+xml",
)


def document(mime: str, data: bytes = b'{"a": 1}') -> MediaPart:
    return MediaPart("document", mime, data, "a.txt")


@pytest.mark.parametrize("mime", TEXT_TYPES)
def test_a_model_that_reads_no_files_reads_text(mime: str) -> None:
    model = ModelInfo("m", "p", "M", capabilities=Capabilities(documents=False))
    request = CompletionRequest("m", (Message("user", (document(mime),)),))
    assert check(model, request) == ()
    assert with_documents_as_text(request.messages[0]).text == 'a.txt:\n\n{"a": 1}'


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.name)
async def test_text_is_sent_as_text_whatever_it_was_written_in(dialect: Dialect) -> None:
    reply = dialect.reply(dialect.text("Hello"), dialect.finish("stop"))
    kinds = [(mime, "utf-8") for mime in TEXT_TYPES]
    kinds += [("text/plain", encoding) for encoding in ("utf-8-sig", "utf-16", "latin-1")]
    http = HttpClient()
    async with ByteServer(reply) as server:
        provider = dialect.build(http, server.url, KEY)
        for mime, encoding in kinds:
            part = document(mime, "Grüße".encode(encoding))
            request = CompletionRequest("m", (Message("user", (part,)),))
            assert [event async for event in provider.stream(request)]
            assert "Grüße" in server.exchanges[-1].body.decode(), (mime, encoding)
        await http.aclose()


def test_what_is_no_text_is_none() -> None:
    assert document_text(document("application/pdf")) is None
    assert document_text(MediaPart("image", "image/svg+xml", b"<svg/>")) is None
