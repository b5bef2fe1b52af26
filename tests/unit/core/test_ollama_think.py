from __future__ import annotations

import pytest

from aiproxy_desktop.core.messages import Effort
from aiproxy_desktop.core.providers.ollama.thinking import thinking_for


@pytest.mark.parametrize(
    ("effort", "model", "value", "told"),
    [
        ("none", "qwen3:8b", False, False),
        ("low", "qwen3:8b", True, True),
        ("max", "deepseek-r1", True, True),
        ("none", "gpt-oss:20b", "low", True),
        ("minimal", "gpt-oss:20b", "low", True),
        ("low", "gpt-oss:20b", "low", False),
        ("medium", "GPT-OSS:120b-cloud", "medium", False),
        ("high", "hf.co/someone/gpt-oss-20b-GGUF", "high", False),
        ("xhigh", "gpt-oss", "high", True),
    ],
)
def test_an_effort_is_said_as_the_model_takes_it(
    effort: Effort, model: str, value: bool | str, told: bool
) -> None:
    for thinks in (True, None):
        found = thinking_for(effort, model, thinks=thinks)
        assert (found.value, bool(found.note)) == (value, told)


def test_a_model_that_does_not_think_is_not_told_to() -> None:
    assert thinking_for("high", "llama3.2", thinks=False).value is None
    assert thinking_for("high", "llama3.2", thinks=False).note
    assert thinking_for("none", "llama3.2", thinks=False).note == ""


def test_a_server_that_knows_no_levels_gets_none() -> None:
    assert thinking_for("high", "gpt-oss:20b", thinks=True, levels=False).value is True
    assert thinking_for("none", "gpt-oss:20b", thinks=True, levels=False).value is False
