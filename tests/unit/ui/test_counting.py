from __future__ import annotations

from datetime import UTC, datetime

import pytest

from aiproxy_desktop.core.events import Usage
from aiproxy_desktop.core.messages import Role
from aiproxy_desktop.core.models import Capabilities, ModelInfo, Price
from aiproxy_desktop.core.token_estimate import estimate_tokens
from aiproxy_desktop.storage.chat_options import ChatOptions
from aiproxy_desktop.storage.records import Attachment, StoredMessage
from aiproxy_desktop.ui.chat.options.limits import efforts_of, limits_of, set_count
from aiproxy_desktop.ui.chat.writing.counting import (
    about,
    attached_tokens,
    conversation_tokens,
    count_line,
    money,
    overflow,
)
from aiproxy_desktop.ui.chat.writing.recall import Recall

HERE = ModelInfo("m", "ollama", "M", local=True, context_window=8192)
PAID = ModelInfo("m", "openai", "M", price=Price(2.5, 10), context_window=128_000)


def message(role: Role, text: str, usage: Usage | None = None, tokens: int | None = None) -> StoredMessage:
    files = () if tokens is None else (Attachment("h", "n", "image", "image/png", 1, tokens=tokens),)
    return StoredMessage("i", "c", None, role, text, datetime.now(UTC), usage=usage, attachments=files)


@pytest.mark.parametrize(
    ("tokens", "shown"),
    [(0, 0), (7, 7), (99, 99), (104, 100), (1049, 1000), (4123, 4100), (411_999, 410_000)],
)
def test_an_estimate_claims_two_figures(tokens: int, shown: int) -> None:
    assert about(tokens) == shown


@pytest.mark.parametrize(
    ("dollars", "shown"),
    [
        (0.00001, "<$0.0001"),
        (0.0005, "$0.0005"),
        (0.0051, "$0.005"),
        (0.014, "$0.01"),
        (0.5, "$0.50"),
        (15.2, "$15"),
    ],
)
def test_money_has_no_more_figures_than_are_known(dollars: float, shown: str) -> None:
    assert money(dollars) == shown


def test_the_line_tells_the_cost_only_where_it_is_known() -> None:
    assert count_line(4123, PAID) == "about 4,100 tokens · $0.01"
    assert count_line(1, HERE) == "about 1 token · Free"
    assert count_line(50, ModelInfo("m", "x", "M")) == "about 50 tokens"
    assert count_line(50, ModelInfo("m", "x", "M", price=Price(None, 3))) == "about 50 tokens"
    assert count_line(50, ModelInfo("m", "x", "M", price=Price(0, 0))) == "about 50 tokens · Free"
    assert count_line(50, None) == "about 50 tokens"


def test_the_last_answer_whose_usage_is_known_tells_all_before_it() -> None:
    thread = [
        message("user", "long " * 1000),
        message("assistant", "x", Usage(1000, 200, reasoning_tokens=150)),
        message("user", "hello"),
        message("assistant", "", None),
        message("user", "with a picture", tokens=700),
    ]
    rest = estimate_tokens("hello") + estimate_tokens("with a picture") + 8 + 700
    assert conversation_tokens(thread) == (1000 + 50 + rest, True)
    assert conversation_tokens(thread[:1]) == (estimate_tokens("long " * 1000) + 4, False)
    assert conversation_tokens([]) == (0, False)


def test_too_much_is_told_in_one_sentence() -> None:
    assert overflow(8192, HERE) == overflow(9000, None) == overflow(9000, ModelInfo("m", "x", "M")) == ""
    assert overflow(9234, HERE) == (
        "This is about 9,200 tokens, and M reads 8,192 at once: shorten it, or begin a new chat."
    )


def test_a_model_that_is_not_known_to_refuse_takes_everything() -> None:
    limits = limits_of(ModelInfo("m", "x", "M"))
    assert (limits.temperature, limits.effort, limits.json_mode, limits.web_search) == ("", "", "", "")
    assert limits_of(None).efforts


def test_efforts_are_those_that_make_a_difference() -> None:
    never = Capabilities(thinking=False)
    assert efforts_of(ModelInfo("m", "x", "M", capabilities=never)) == ()
    assert limits_of(ModelInfo("m", "x", "M", capabilities=never)).effort
    assert efforts_of(ModelInfo("gemini-2.5-flash", "gemini", "G")) == ("none", "low", "medium", "high")
    assert efforts_of(ModelInfo("gemini-2.0-flash", "gemini", "G")) == ()
    assert efforts_of(ModelInfo("claude-opus-4-6", "anthropic", "C")) == (
        "none",
        "low",
        "medium",
        "high",
        "max",
    )
    assert efforts_of(ModelInfo("claude-3-5-haiku", "anthropic", "C")) == ()
    assert efforts_of(ModelInfo("qwen3:8b", "ollama", "Q", local=True)) == ("none", "medium")
    assert efforts_of(ModelInfo("gpt-oss:20b", "ollama", "O", local=True)) == ("low", "medium", "high")
    assert efforts_of(ModelInfo("gpt-4o", "openai", "O")) == ()
    assert "low" in efforts_of(ModelInfo("gpt-5", "openai", "O"))


def test_what_counts_as_set() -> None:
    assert set_count(ChatOptions(model="m:x", system=" \n")) == 0
    assert (
        set_count(ChatOptions(system="x", temperature=0.0, output_limit=1, effort="none", json_mode=True))
        == 5
    )


def test_recall_ends_at_both_ends() -> None:
    recall = Recall()
    assert recall.begin([], "draft") is None
    assert not recall.active
    assert recall.newer() is None
    assert recall.begin(["b", "b", "a"], "draft") == "b"
    assert [recall.older(), recall.older(), recall.newer(), recall.newer(), recall.newer()] == [
        *("a", None, "b", "draft", None)
    ]
    assert recall.begin(["b"], "draft") == "b"
    assert recall.leave() == "draft"
    assert not recall.active


def test_files_are_counted_by_the_rules_of_whoever_is_asked() -> None:
    sound = Attachment("h", "a.wav", "audio", "audio/wav", 1, seconds=10, tokens=320)
    thread = [StoredMessage("i", "c", None, "user", "", datetime.now(UTC), attachments=(sound,))]
    assert attached_tokens([sound]) == attached_tokens([sound], "gemini") == 320
    assert attached_tokens([sound, sound], "openai") == 200
    assert conversation_tokens(thread, "openai") == (104, False)
    unknown = Attachment("h", "a.mp4", "video", "video/mp4", 1)
    assert attached_tokens([unknown, sound], "openai") == 100
