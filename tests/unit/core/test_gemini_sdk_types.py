"""Google's own types read what the fakes send, so that the fakes speak the real wire."""

from __future__ import annotations

import base64
import json
from typing import Any

from google.genai import types

from tests.dialects import GEMINI, Call, sse
from tests.gemini_files import file_resource


def parsed(frame: bytes) -> types.GenerateContentResponse:
    (data,) = [line for line in frame.decode().splitlines() if line.startswith("data: ")]
    value: Any = json.loads(data.removeprefix("data: "))
    return types.GenerateContentResponse.model_validate(value)


def parts_of(frame: bytes) -> list[types.Part]:
    (candidate,) = parsed(frame).candidates or []
    assert candidate.content is not None
    return candidate.content.parts or []


def test_text_and_thoughts() -> None:
    assert parts_of(GEMINI.text("Hi ☀"))[0].text == "Hi ☀"
    (thought,) = parts_of(GEMINI.reasoning("Hm"))
    assert (thought.text, thought.thought) == ("Hm", True)


def test_the_end_with_its_counts() -> None:
    whole = parsed(GEMINI.finish("length"))
    assert whole.candidates is not None
    assert whole.candidates[0].finish_reason is types.FinishReason.MAX_TOKENS
    assert whole.usage_metadata is not None
    assert (whole.usage_metadata.prompt_token_count, whole.usage_metadata.candidates_token_count) == (11, 7)


def test_calls_and_images() -> None:
    assert GEMINI.tool_calls is not None
    assert GEMINI.image is not None
    (part,) = parts_of(GEMINI.tool_calls([Call("c1", "look_up", '{"word": "x"}')]))
    assert part.function_call == types.FunctionCall(id="c1", name="look_up", args={"word": "x"})
    (part,) = parts_of(GEMINI.image("image/png", b"\x89PNG"))
    assert part.inline_data == types.Blob(mime_type="image/png", data=b"\x89PNG")


def test_signatures_and_code() -> None:
    signature = base64.b64encode(b"A").decode()
    code = {"executableCode": {"language": "PYTHON", "code": "1"}, "thoughtSignature": signature}
    result = {"codeExecutionResult": {"outcome": "OUTCOME_FAILED", "output": "no"}}
    first, second = parts_of(sse({"candidates": [{"content": {"role": "model", "parts": [code, result]}}]}))
    assert first.thought_signature == b"A"
    assert first.executable_code is not None
    assert first.executable_code.language is types.Language.PYTHON
    assert second.code_execution_result is not None
    assert second.code_execution_result.outcome is types.Outcome.OUTCOME_FAILED


def test_a_blocked_prompt() -> None:
    feedback = parsed(GEMINI.blocked[0]).prompt_feedback
    assert feedback is not None
    assert feedback.block_reason is types.BlockedReason.PROHIBITED_CONTENT


def test_models_and_files() -> None:
    for row in GEMINI.models["models"]:
        assert types.Model.model_validate({"name": row["name"]}).name == row["name"]
    file = types.File.model_validate(file_resource("files/a", "https://x/files/a", "PROCESSING"))
    assert file.state is types.FileState.PROCESSING
    assert (file.name, file.uri, file.mime_type) == ("files/a", "https://x/files/a", "video/mp4")
