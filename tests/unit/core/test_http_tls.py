"""Secure connections, to a server with a certificate made for the test."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from aiproxy_desktop.core.errors import UnreachableError
from aiproxy_desktop.core.http import HttpCall, HttpClient
from tests.certificates import make_certificate

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A file with a certificate of localhost, and of a name that leads nowhere, and its key."""
    return make_certificate(tmp_path / "localhost.pem", "localhost", "pictures.invalid")


@asynccontextmanager
async def secure_server(certificate: Path, closed: asyncio.Event, whole: bool) -> AsyncIterator[str]:
    """Sends one chunk, and the end of the answer where it is to be whole; tells when the client has gone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    tasks: set[asyncio.Task[None] | None] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(HEAD + b"3\r\nHel\r\n" + (b"0\r\n\r\n" if whole else b""))
            await reader.read()
        closed.set()
        writer.transport.abort()

    async with await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context) as server:
        yield f"https://localhost:{server.sockets[0].getsockname()[1]}/"
        await asyncio.gather(*(task for task in tasks if task is not None))


def get(url: str) -> HttpCall:
    return HttpCall("it", "It", "GET", url)


async def test_the_certificates_of_the_environment_are_trusted(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    http = HttpClient()
    closed = asyncio.Event()
    async with secure_server(certificate, closed, whole=True) as url:
        assert await http.fetch(get(url)) == b"Hel"
        await http.aclose()
        await asyncio.wait_for(closed.wait(), 30)


async def test_an_unknown_certificate_is_not(certificate: Path) -> None:
    http = HttpClient()
    async with secure_server(certificate, asyncio.Event(), whole=True) as url:
        with pytest.raises(UnreachableError) as caught:
            await http.fetch(get(url))
        await http.aclose()
    assert "certificate" in caught.value.advice


async def test_a_cancel_closes_a_secure_connection(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    http = HttpClient()
    closed, arrived = asyncio.Event(), asyncio.Event()
    async with secure_server(certificate, closed, whole=False) as url:

        async def listen() -> None:
            body = await http.open(get(url))
            try:
                await body.__anext__()
                arrived.set()
                await body.__anext__()
            finally:
                body.close()

        task = asyncio.get_running_loop().create_task(listen())
        await asyncio.wait_for(arrived.wait(), 30)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.wait_for(closed.wait(), 30)
        await http.aclose()


@pytest.mark.parametrize(("host", "known"), [("pictures.invalid", True), ("elsewhere.invalid", False)])
async def test_a_given_address_must_show_the_certificate_of_the_host(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, host: str, known: bool
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    http = HttpClient()
    async with secure_server(certificate, asyncio.Event(), whole=True) as url:
        call = HttpCall("it", "It", "GET", url.replace("localhost", host), address="127.0.0.1")
        if known:
            assert await http.fetch(call) == b"Hel"
        else:
            with pytest.raises(UnreachableError, match="certificate"):
                await http.fetch(call)
        await http.aclose()
