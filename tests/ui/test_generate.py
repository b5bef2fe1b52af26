"""The Generate view: pictures as they come, models side by side, what went wrong, what can be done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from aiproxy_desktop.services.images.tasks import ImageTask, Run
from aiproxy_desktop.ui.images.generate.block import BlockView
from aiproxy_desktop.ui.images.generate.card import CardView
from aiproxy_desktop.ui.images.generate.column import ColumnView
from aiproxy_desktop.ui.images.generate.viewmodel import GenerateViewModel
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.toast import ToastMessage
from tests.ui.image_parts import SUNBURST, Making, making_in
from tests.waiting import until

FLARE = "openai:gpt-image-2.6-flare"


def blocks(making: Making) -> list[BlockView]:
    return making.view.block_views


def column(making: Making, place: int = 0) -> ColumnView:
    return blocks(making)[0].columns[place]


def words(view: QWidget, name: str) -> str:
    found = view.findChild(Label, f"{view.objectName()}.{name}")
    assert isinstance(found, Label), name
    return "" if found.isHidden() else found.text()


def press(view: QWidget, name: str) -> None:
    found = view.findChild(QWidget, f"{view.objectName()}.{name}")
    assert isinstance(found, QWidget), name
    QTest.mouseClick(found, Qt.MouseButton.LeftButton)


def told(spy: QSignalSpy) -> list[Any]:
    """What the last signal carried; asking a spy that heard none for its first one ends the process."""
    return list(spy.at(spy.count() - 1)) if spy.count() else []


def middle(card: CardView) -> QColor:
    """What is painted in the middle of a picture."""
    image = card.picture.grab().toImage()
    return image.pixelColor(image.rect().center())


def is_red(colour: QColor) -> bool:
    """As a small picture shows it, which is kept with loss."""
    return colour.red() > 245 and max(colour.green(), colour.blue()) < 10


async def test_previews_come_before_the_picture(tmp_path: Path, qtbot: QtBot) -> None:
    async with making_in(tmp_path, qtbot, delay=0.3) as making:
        task = ImageTask(SUNBURST, "A red boat", {"partial_images": 2, "size": "1024x1024"})
        said: list[str] = []
        making.made.block_changed.connect(
            lambda block: said.append(words(column(making).cards[0], "line")) if block.columns else None
        )
        run = making.desk.images.runs.start(task)
        await until(lambda: bool(blocks(making)) and column(making).column is not None)
        card = column(making).cards[0]
        empty = middle(card)
        await until(lambda: "Early preview 1 of 2" in said)
        await until(lambda: middle(card) != empty, "the preview is painted")
        await making.desk.over(run)
        await until(lambda: words(column(making).cards[0], "line") == "1024 × 1024")
        assert words(column(making), "state").startswith("Done")
        await until(lambda: is_red(middle(card)), "the picture is painted")


async def test_models_stand_side_by_side_and_again_after_a_restart(tmp_path: Path, qtbot: QtBot) -> None:
    async with making_in(tmp_path, qtbot) as making:
        making.request.toggle(FLARE)
        making.request.set_prompt("A red boat")
        making.press("run")
        await until(lambda: len(making.desk.images.runs.all) == 2)
        for run in making.desk.images.runs.all:
            await making.desk.over(run)
        await until(lambda: not any(block.running for block in making.made.blocks))
        assert len(blocks(making)) == 1
        names = [one.column.name for one in blocks(making)[0].columns if one.column is not None]
        assert names == ["gpt-image-2.6-sunburst", "gpt-image-2.6-flare"]
        first, second = blocks(making)[0].columns
        assert first.geometry().top() == second.geometry().top()
        assert first.geometry().right() < second.geometry().left()
        # Another start: nothing is known but what was kept.
        images = making.desk.images
        for run in images.runs.all:
            images.runs.forget(run.id)
        later = GenerateViewModel(images.runs, images.library, images.models, making.told.append)
        later.start()
        await until(lambda: later.loaded)
        (block,) = later.blocks
        assert block.prompt == "A red boat"
        assert sorted(one.name for one in block.columns) == sorted(names)
        assert [len(one.cards) for one in block.columns] == [1, 1]
        await later.close()


async def test_cancelling_and_trying_again(tmp_path: Path, qtbot: QtBot) -> None:
    async with making_in(tmp_path, qtbot, fault="silent") as making:
        run = making.desk.images.runs.start(ImageTask(SUNBURST, "A red boat", {"partial_images": 0}))
        await until(lambda: bool(making.server.requests) and bool(blocks(making)))
        press(column(making), "cancel")
        await making.desk.over(run)
        await until(lambda: words(column(making), "state").startswith("Cancelled"))
        making.server.behave(fault="")
        press(column(making), "retry")
        await until(lambda: len(making.server.requests) == 2)
        await making.desk.over(making.run())
        await until(lambda: words(column(making), "state").startswith("Done"))
        assert len(blocks(making)) == 1
        assert len(blocks(making)[0].columns) == 1


async def test_an_error_is_said_and_the_rest_stays(tmp_path: Path, qtbot: QtBot) -> None:
    async with making_in(tmp_path, qtbot, fault="refusal") as making:
        run = making.desk.images.runs.start(ImageTask(SUNBURST, "A red boat"))
        await making.desk.over(run)
        await until(lambda: bool(blocks(making)) and words(column(making), "error") != "")
        now: Run = making.desk.now(run)
        assert words(column(making), "error") == str(now.error)
        assert words(column(making), "state").startswith("Failed")
        assert not column(making).cards
        press(blocks(making)[0], "close")
        await until(lambda: not blocks(making))
        assert making.button("empty.starter1").isVisible()
        chosen = QSignalSpy(making.view.prompt_wanted)
        making.press("empty.starter1")
        assert chosen.count() == 1


async def test_what_can_be_done_with_a_picture(tmp_path: Path, qtbot: QtBot) -> None:
    async with making_in(tmp_path, qtbot) as making:
        library = making.desk.images.library
        run = await making.desk.over(making.desk.images.runs.start(ImageTask(SUNBURST, "A red boat", {}, 2)))
        image = run.images[0]
        await until(lambda: making.made.image(image.id) is not None and bool(blocks(making)))
        card = column(making).cards[0]
        edit, reference = QSignalSpy(making.view.edit_wanted), QSignalSpy(making.view.reference_wanted)
        QTest.mouseMove(card.picture)
        QTest.keyClick(card.picture, Qt.Key.Key_E)
        assert told(edit) == [image.id]
        card._act("reference")
        assert told(reference) == [image.id]
        QTest.keyClick(card.picture, Qt.Key.Key_F)
        await until(
            lambda: card.card is not None and card.card.image is not None and card.card.image.favourite
        )
        QTest.keyClick(card.picture, Qt.Key.Key_Delete)
        await until(lambda: len(making.told) == 1)
        await until(card.isHidden)
        assert await library.count() == 1
        toast = making.told[0]
        assert isinstance(toast, ToastMessage)
        assert toast.on_action is not None
        toast.on_action()
        await until(lambda: not card.isHidden())
        assert await library.count() == 2
        QTest.keyClick(card.picture, Qt.Key.Key_Return)
        viewer = making.view.window().findChild(QWidget, "chat.imageViewer")
        assert isinstance(viewer, QWidget)
        QTest.keyClick(viewer, Qt.Key.Key_Escape)
        again = QSignalSpy(making.view.reuse_wanted)
        press(blocks(making)[0], "again")
        assert [one.id for one in told(again)] == [image.id]


async def test_a_burst_is_shown_once_a_frame(tmp_path: Path, qtbot: QtBot) -> None:
    async with making_in(tmp_path, qtbot) as making:
        changes = QSignalSpy(making.made.blocks_changed)
        for number in range(20):
            making.desk.images.runs.start(ImageTask(SUNBURST, f"Boat {number}", {"partial_images": 0}))
        assert changes.count() == 0
        await until(lambda: len(blocks(making)) == 20)
        assert changes.count() <= 2
        assert making.made.blocks[0].prompt == "Boat 19"
        making.made.cancel_all()
        for run in making.desk.images.runs.all:
            await making.desk.over(run)
