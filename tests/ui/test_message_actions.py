"""What can be done with a message: by the row under it, the context menu, keys."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from aiproxy_desktop.ui.chat.transcript.messages import ErrorCard, MessageAction, TranscriptMessage
from tests.ui.transcript_parts import Reader, answer, reading
from tests.waiting import until

OWN: tuple[MessageAction, ...] = ("edit", "copy", "branch", "delete")
ANSWER: tuple[MessageAction, ...] = ("copy", "regenerate", "branch", "delete")


def _question(text: str = "Why so?", **more: object) -> TranscriptMessage:
    return TranscriptMessage("question", "user", text, **{"actions": OWN, **more})  # type: ignore[arg-type]  # checked by the class


def _row(reader: Reader) -> list[str]:
    """What the row says, from its start to its end."""
    bar = reader.transcript.action_bar
    found = [button for button in bar.findChildren(QPushButton) if button.isVisible()]
    return [button.text() for button in sorted(found, key=lambda button: button.x())]


def _heard(reader: Reader) -> list[tuple[str, ...]]:
    """Every signal of the transcript's that asks for something, with its arguments."""
    heard: list[tuple[str, ...]] = []
    transcript = reader.transcript
    for name in ("retry", "continue", "branch", "delete"):
        signal = getattr(transcript, f"{name}_requested")
        signal.connect(lambda message, name=name: heard.append((name, message)))
    transcript.regenerate_requested.connect(
        lambda message, model: heard.append(("regenerate", message, model))
    )
    transcript.version_requested.connect(lambda message, step: heard.append(("version", message, str(step))))
    return heard


def _menu(reader: Reader) -> list[str]:
    """The lines of the menu that is open."""
    menu = next(menu for menu in reader.transcript.findChildren(QMenu) if menu.isVisible())
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def _menu_is_open(reader: Reader) -> bool:
    return any(menu.isVisible() for menu in reader.transcript.findChildren(QMenu))


async def test_each_message_offers_what_it_names_in_its_order() -> None:
    async with reading(_question(), answer("Because.", actions=ANSWER)) as reader:
        await reader.point_at(reader.place_of("Why"))
        await until(lambda: _row(reader) == ["Edit", "Copy", "Branch", "Delete"], "the row of a question")
        right = reader.transcript.action_bar.geometry().right() + 1
        assert right == reader.transcript.column_left + reader.transcript.column.width
        await reader.point_at(reader.place_of("Because"))
        await until(lambda: _row(reader) == ["Copy", "Regenerate", "Branch", "Delete"], "that of an answer")


@pytest.mark.parametrize("name", ["branch", "delete"])
async def test_a_button_asks_for_its_action(name: str) -> None:
    async with reading(_question(), answer("Because.", actions=ANSWER)) as reader:
        heard = _heard(reader)
        await reader.point_at(reader.place_of("Why"))
        await until(lambda: reader.buttons(f"chat.transcript.{name}"), "the row")
        await reader.click(reader.buttons(f"chat.transcript.{name}")[0])
        await until(lambda: heard == [(name, "question")], name)


async def test_copying_a_message() -> None:
    async with reading(_question("Some *words*"), answer("Because.", actions=ANSWER)) as reader:
        await reader.point_at(reader.place_of("Some"))
        await until(lambda: reader.buttons("chat.transcript.copy"), "the row")
        await reader.click(reader.buttons("chat.transcript.copy")[0])
        await until(lambda: QGuiApplication.clipboard().text() == "Some *words*", "the clipboard")
        assert reader.buttons("chat.transcript.copy")[0].text() == "Copied"


async def test_regenerating_with_the_same_model_or_another() -> None:
    async with reading(_question(), answer("Because.", actions=ANSWER)) as reader:
        heard = _heard(reader)
        anchors: list[tuple[str, QPoint]] = []

        def note(message: str, anchor: QWidget) -> None:
            anchors.append((message, anchor.mapTo(reader.transcript, anchor.rect().center())))

        reader.transcript.another_model_requested.connect(note)
        place = await _choose(reader, "Down")
        await until(lambda: heard == [("regenerate", "answer", "")], "the same model")
        assert await _choose(reader, "Up") == place
        await until(lambda: anchors == [("answer", place)], "another model")


async def _choose(reader: Reader, key: str) -> QPoint:
    """Open the menu of Regenerate and take a line of it; where its button was."""
    await until(lambda: not _menu_is_open(reader), "no menu")
    await reader.point_at(reader.place_of("Because"))
    await until(lambda: reader.buttons("chat.transcript.regenerate"), "the row")
    button = reader.buttons("chat.transcript.regenerate")[0]
    await reader.click(button)
    await until(lambda: _menu_is_open(reader), "the menu")
    assert _menu(reader) == ["With the same model", "With another model…"]
    # The row stays under what the menu belongs to.
    assert button.isVisible()
    await reader.press(key, "Return")
    return button.mapTo(reader.transcript, button.rect().center())


async def test_keys_act_on_the_message_they_are_on() -> None:
    everything: tuple[MessageAction, ...] = ("copy", "regenerate", "continue", "branch", "delete")
    async with reading(_question(), answer("Because.", actions=everything)) as reader:
        heard = _heard(reader)
        # Nothing happens before a message is chosen.
        await reader.press("r", "Up")
        await until(lambda: reader.transcript.navigation.current == 1, "the answer")
        await reader.press("r", "g", "b", "Delete", "e", "c")
        await until(lambda: QGuiApplication.clipboard().text() == "Because.", "the clipboard")
        assert heard == [
            ("regenerate", "answer", ""),
            ("continue", "answer"),
            ("branch", "answer"),
            ("delete", "answer"),
        ]
        assert not reader.transcript.column.views[1].editing


async def test_the_menu_key_opens_the_menu_at_the_message() -> None:
    async with reading(_question(), answer("Because.", actions=ANSWER)) as reader:
        heard = _heard(reader)
        await reader.press("Up", "Up")
        await until(lambda: reader.transcript.navigation.current == 0, "the question")
        await reader.press("Menu")
        await until(lambda: _menu_is_open(reader), "the menu")
        lines = _menu(reader)
        assert lines[:2] == ["Copy message", "Copy message as plain text"]
        assert [line for line in lines if line in {"Edit", "Branch", "Delete"}] == [
            "Edit",
            "Branch",
            "Delete",
        ]
        menu = next(menu for menu in reader.transcript.findChildren(QMenu) if menu.isVisible())
        top = reader.transcript.viewport().mapToGlobal(QPoint(0, reader.top_of(0))).y()
        assert top <= menu.y() <= top + 60
        await reader.press("Up", "Up", "Return")
        await until(lambda: heard == [("delete", "question")], "the deletion")


async def test_without_room_the_last_ones_stand_in_a_menu() -> None:
    everything: tuple[MessageAction, ...] = ("copy", "regenerate", "continue", "branch", "delete")
    message = answer("Because.", footer="model", actions=everything)
    async with reading(_question(), message, size=(460, 500)) as reader:
        heard = _heard(reader)
        await reader.point_at(reader.place_of("Because"))
        await until(lambda: reader.buttons("chat.transcript.moreActions"), "the row")
        bar = reader.transcript.action_bar
        assert bar.x() >= reader.transcript.column_left + 100
        assert "Copy" in _row(reader)
        assert "Delete" not in _row(reader)
        await reader.click(reader.buttons("chat.transcript.moreActions")[0])
        await until(lambda: _menu_is_open(reader), "the menu")
        assert _menu(reader)[-1] == "Delete"
        await reader.press("Up", "Return")
        await until(lambda: heard == [("delete", "answer")], "the deletion")


async def test_a_stopped_answer_goes_on_or_begins_again() -> None:
    actions: tuple[MessageAction, ...] = ("copy", "regenerate", "continue")
    stopped = answer("It", state="interrupted", tokens=412, actions=actions)
    async with reading(_question(), stopped) as reader:
        heard = _heard(reader)
        await reader.click(reader.buttons("chat.transcript.continueHere")[0])
        await until(lambda: heard == [("continue", "answer")], "it goes on")
        await reader.click(reader.buttons("chat.transcript.retryHere")[0])
        await until(lambda: heard[1:] == [("retry", "answer")], "again")
        # What stands above the row is not in it once more.
        await reader.point_at(reader.place_of("It"))
        await until(lambda: _row(reader) == ["Copy", "Regenerate"], "the row")


async def test_a_failed_answer_asks_another_model() -> None:
    failed = answer("", state="failed", error=ErrorCard("It broke", "Wait.", "429"), actions=())
    async with reading(_question(), failed) as reader:
        asked: list[str] = []
        reader.transcript.another_model_requested.connect(lambda message, _anchor: asked.append(message))
        names = ("retryHere", "anotherModel", "details")
        buttons = [reader.buttons(f"chat.transcript.{name}")[0] for name in names]
        for before, after in pairwise(buttons):
            assert before.geometry().right() < after.x()
        await reader.click(buttons[1])
        await until(lambda: asked == ["answer"], "another model")


async def test_versions_are_walked_under_questions_too() -> None:
    async with reading(_question(version=1, versions=3), answer("Because.")) as reader:
        heard = _heard(reader)
        former = reader.buttons("chat.transcript.formerVersion")[0]
        later = reader.buttons("chat.transcript.laterVersion")[0]
        await reader.click(former)
        await reader.click(later)
        await until(lambda: len(heard) == 2, "both")
        assert heard == [("version", "question", "-1"), ("version", "question", "1")]
        # The row of actions stands beside them, not over them.
        await reader.point_at(reader.place_of("Why"))
        await until(lambda: reader.buttons("chat.transcript.delete"), "the row")
        assert reader.transcript.action_bar.isVisible()
        assert reader.transcript.action_bar.geometry().right() <= former.x()


async def test_ten_thousand_messages_have_one_row() -> None:
    messages = [answer(f"Message {number}", str(number), actions=ANSWER) for number in range(10_000)]
    async with reading(*messages) as reader:
        buttons = len(reader.transcript.findChildren(QPushButton))
        assert buttons < 10
        await reader.press("Up", "Up", "Up")
        await until(lambda: reader.buttons("chat.transcript.delete"), "the row")
        assert len(reader.buttons("chat.transcript.delete")) == 1


async def test_thinking_counts_its_seconds() -> None:
    thinking = answer("", state="streaming", reasoning="Hm.", thought_seconds=41.5)
    async with reading(_question(), thinking) as reader:
        row = reader.buttons("chat.transcript.reasoning")[0]
        assert row.text() == "Thinking for 41 s"
        await until(lambda: row.text() == "Thinking for 42 s", "the next second")
        reader.transcript.append_text("answer", "So.")
        await reader.settled()
        assert row.text() in {"Thought for 42 s", "Thought for 43 s"}
