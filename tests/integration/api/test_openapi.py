"""What the server says of itself, held against what it does: schemathesis over the OpenAPI document."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from aiproxy_desktop.services.local_api.names import ModelNames
from tests.api_parts import MODEL, served, streamed
from tests.dialects import OPENAI
from tests.wire import Exchange, Reply

# A dot, as PNG.
_DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

# All of them but `positive_data_acceptance`: that a field goes only with another one, no schema says.
_CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,negative_data_rejection,missing_required_header,unsupported_method,ignored_auth"
)


def _answer(exchange: Exchange) -> Reply:
    if "/images/" in exchange.path:
        usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
        return Reply.json({"created": 1, "data": [{"b64_json": _DOT}], "usage": usage})
    return streamed(OPENAI, "Hello")


async def test_what_is_described_is_what_is_done(tmp_path: Path) -> None:
    async with served(_answer, names=ModelNames(default=MODEL)) as api:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()", "run"),
            *(f"{api.url}/openapi.json", "-H", f"Authorization: Bearer {api.token}"),
            *("--phases", "examples,coverage,fuzzing", "--max-examples", "15", "--seed", "8"),
            *("--generation-database", "none", "--checks", _CHECKS, "--no-color"),
            cwd=tmp_path,  # where it writes down what it remembers
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        assert process.returncode == 0, said.decode()[-20_000:]
        asked = {(line.method, line.path) for line in api.log.recent()}
        assert ("POST", "/v1/chat/completions") in asked
