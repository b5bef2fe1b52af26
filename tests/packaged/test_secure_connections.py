"""The frozen application speaks TLS, and believes those alone whom it should."""

from __future__ import annotations

import json
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.certificates import make_certificate
from tests.packaged.frozen import PROGRAM, needs_frozen

pytestmark = needs_frozen


class _Service(BaseHTTPRequestHandler):
    """Answers whatever is asked, as OpenAI would."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        choice = {"index": 0, "delta": {"content": "in secret"}, "finish_reason": "stop"}
        chunk = {
            "id": "1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "m",
            "choices": [choice],
        }
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        self.wfile.write(f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n".encode())

    def log_message(self, *_: object) -> None:
        """Nothing is written down."""


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return make_certificate(tmp_path / "localhost.pem", "localhost")


@pytest.fixture
def address(certificate: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Service) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that hangs up is expected
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"https://localhost:{server.server_port}/v1"
        server.shutdown()
        thread.join()


def _ask(address: str, home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    given = {"HOME": str(home), "OPENAI_BASE_URL": address, "OPENAI_API_KEY": "sk-test", **more}
    command = [str(PROGRAM), "--data-dir", str(home / "data"), "ask", "-m", "openai:m", "Are we alone?"]
    return subprocess.run(command, env=given, stdin=subprocess.DEVNULL, capture_output=True, text=True)


def test_the_certificates_of_the_environment_are_trusted(
    address: str, certificate: Path, tmp_path: Path
) -> None:
    told = _ask(address, tmp_path, SSL_CERT_FILE=str(certificate))
    assert (told.returncode, told.stdout.strip()) == (0, "in secret"), told.stderr


def test_an_unknown_certificate_is_refused_in_a_sentence(address: str, tmp_path: Path) -> None:
    told = _ask(address, tmp_path)
    assert told.returncode == 1
    assert "certificate" in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1
