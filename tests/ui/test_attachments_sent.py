"""What goes with a message: whether the model takes it, what is sent, and what is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from aiproxy_desktop.core.models import ModelInfo
from tests.ui.attachment_parts import (
    BLIND,
    SEEING,
    chips,
    items,
    loaded,
    names,
    picture,
    says,
    text,
    use_models,
)
from tests.ui.chat_window import opened
from tests.waiting import until

# The model


async def test_a_model_that_cannot_take_it_is_told_at_once_with_those_that_can(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await use_models(
            window,
            ModelInfo("smollm2-135m", "builtin", "SmolLM2 135M", local=True, capabilities=BLIND),
            ModelInfo("see", "builtin", "seeing-1", local=True, capabilities=SEEING),
        )
        window.type("What is it?")
        window.parts.view_model.attaching.add_paths([picture(tmp_path / "a.png")])
        await loaded(window, 1)
        assert says(window, "SmolLM2 135M does not read images. seeing-1 does.")
        assert not window.find(QAbstractButton, "chat.send").isEnabled()
        QTest.keyClick(window.composer, Qt.Key.Key_Return)
        assert not window.parts.view_model.answering
        window.click("chat.attachments.use1")
        await until(lambda: not window.shows("chat.attachments.advice"), "the sentence is gone")
        choice = window.parts.view_model.models.choice
        assert choice is not None
        assert choice.reference == "builtin:see"
        assert window.find(QAbstractButton, "chat.send").isEnabled()
        assert window.composer.hasFocus()


async def test_those_that_are_compared_are_looked_at_and_not_the_one_before(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await use_models(
            window,
            ModelInfo("smollm2-135m", "builtin", "SmolLM2 135M", local=True, capabilities=BLIND),
            ModelInfo("see", "builtin", "seeing-1", local=True, capabilities=SEEING),
            ModelInfo("see2", "builtin", "seeing-2", local=True, capabilities=SEEING),
        )
        view = window.parts.view_model
        view.attaching.add_paths([picture(tmp_path / "a.png")])
        await loaded(window, 1)
        view.comparing.enter("builtin:smollm2-135m")
        view.comparing.add_model("builtin:see")
        assert says(window, "SmolLM2 135M does not read images. Compare others, or send it without.")
        assert not window.find(QAbstractButton, "chat.send").isEnabled()
        view.comparing.add_model("builtin:see2")
        view.comparing.remove_model(0)
        assert view.comparing.models == ("builtin:see", "builtin:see2")
        assert not window.shows("chat.attachments.advice")
        assert window.find(QAbstractButton, "chat.send").isEnabled()
        view.comparing.leave()
        assert says(window, "SmolLM2 135M does not read images.")


# Sent, and kept


async def test_what_is_attached_goes_with_the_question(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await use_models(window, ModelInfo("see", "builtin", "seeing-1", local=True, capabilities=SEEING))
        window.parts.view_model.attaching.add_paths([text(tmp_path / "a.txt"), picture(tmp_path / "b.png")])
        await loaded(window, 2)
        await window.ask("What is on the list?")
        await window.answered()
        question = window.parts.view_model.messages[0]
        assert [one.name for one in question.attachments] == ["a.txt", "b.png"]
        assert (question.attachments[1].width, question.attachments[1].height) == (64, 48)
        assert not items(window)
        assert not window.shows("chat.attachments")


async def test_a_file_alone_can_be_sent(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        window.parts.view_model.attaching.add_paths([text(tmp_path / "a.txt")])
        await loaded(window, 1)
        window.click("chat.send")
        await until(lambda: window.parts.view_model.messages, "it is asked")
        await window.answered()
        conversation = window.parts.view_model.conversation
        assert conversation is not None
        assert conversation.title == "a.txt"


async def test_a_long_text_does_not_send_what_the_model_cannot_take(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        model = ModelInfo("smollm2-135m", "builtin", "SmolLM2 135M", local=True, capabilities=BLIND)
        await use_models(window, model)
        window.parts.view_model.attaching.add_paths([picture(tmp_path / "a.png")])
        await loaded(window, 1)
        window.composer.insertPlainText("word " * 5000)
        send = window.find(QAbstractButton, "chat.send")
        assert not send.isEnabled()
        window.composer.insertPlainText("more")
        assert not send.isEnabled()


async def test_the_original_may_go_and_be_changed_before_it_is_sent(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        path = text(tmp_path / "a.txt", "as it was")
        window.parts.view_model.attaching.add_paths([path])
        await loaded(window, 1)
        path.unlink()
        await window.ask("What does it say?")
        await window.answered()
        (sent,) = window.parts.view_model.messages[0].attachments
        assert await window.parts.view_model.attaching.bytes_of(sent) == b"as it was"


async def test_bytes_that_vanish_before_sending_are_said_and_nothing_is_lost(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        attaching = window.parts.view_model.attaching
        attaching.add_paths([text(tmp_path / "a.txt", "gone soon"), text(tmp_path / "b.txt", "stays")])
        await loaded(window, 2)
        digest = attaching.attachments_of(None)[0].hash
        next((tmp_path / "attachments").rglob(digest)).unlink()
        window.type("What do they say?")
        QTest.keyClick(window.composer, Qt.Key.Key_Return)
        await until(lambda: says(window, "“a.txt” is no longer kept here"), "what is wrong")
        assert window.composer.toPlainText() == "What do they say?"
        assert [item.state for item in items(window)] == ["failed", "ready"]
        assert not window.parts.view_model.messages
        assert not window.parts.view_model.answering


async def test_each_conversation_has_its_own_and_what_was_kept_comes_back(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        view = window.parts.view_model
        await window.ask("First")
        await window.answered()
        view.attaching.add_paths([text(tmp_path / "a.txt")])
        await loaded(window, 1)
        first = view.conversation
        assert first is not None
        view.new_conversation()
        assert not chips(window)
        view.open(first.id)
        await loaded(window, 1)
        (kept,) = view.attaching.attachments_of(first.id)
        view.new_conversation()
        view.attaching.restore(None, [kept])
        assert names(window) == ["a.txt, 20 bytes · about 5 tokens"]


@pytest.mark.parametrize("mode", ["light", "dark"])
async def test_a_thumbnail_is_painted(tmp_path: Path, mode: str) -> None:
    async with opened(tmp_path) as window:
        window.parts.view_model.attaching.add_paths([picture(tmp_path / "a.png", 3000, 2000)])
        await loaded(window, 1)
        chip = chips(window)[0]

        def painted() -> bool:
            return chip.grab().toImage().pixelColor(20, 20) == QColor("green")

        await until(painted, "the thumbnail")
