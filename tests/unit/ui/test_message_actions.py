from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from aiproxy_desktop.storage.records import StoredMessage
from aiproxy_desktop.ui.chat.conversation.message_actions import actions_for

QUESTION = StoredMessage("q", "c", None, "user", "Why?", datetime(2026, 1, 2, tzinfo=UTC))
ANSWER = replace(QUESTION, id="a", parent_id="q", role="assistant", text="So.")


def test_a_question_can_be_edited_unless_it_is_being_answered() -> None:
    assert actions_for(QUESTION, answering=False) == ("edit", "copy", "branch", "delete")
    assert actions_for(QUESTION, answering=True) == ("copy", "branch")


def test_an_answer_that_arrives_can_only_be_copied() -> None:
    assert actions_for(replace(ANSWER, status="streaming"), answering=True) == ("copy",)
    assert actions_for(ANSWER, answering=False) == ("copy", "regenerate", "branch", "delete")


def test_only_what_broke_off_behind_some_words_goes_on() -> None:
    broken = (
        replace(ANSWER, status="interrupted"),
        replace(ANSWER, status="failed"),
        replace(ANSWER, finish_reason="length"),
    )
    for message in broken:
        assert "continue" in actions_for(message, answering=False)
        assert "continue" not in actions_for(replace(message, text=" "), answering=False)
    assert "continue" not in actions_for(replace(ANSWER, finish_reason="stop"), answering=False)
