"""The request panel: controls as the table has them, reasons, prices, what is sent."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from aiproxy_desktop.core.images.models import IMAGE_MODELS, ImageModelFacts
from aiproxy_desktop.services.images.tasks import Run
from aiproxy_desktop.storage.image_records import NewImage
from aiproxy_desktop.ui.images.panel.fields import ChoiceField, ControlField, NumberField, OwnSize, SizeField
from aiproxy_desktop.ui.images.panel.request import EditParts
from aiproxy_desktop.ui.images.panel.viewmodel import RequestViewModel, Room
from aiproxy_desktop.ui.widgets.brought import IMAGES_TYPE, ids_as_data
from aiproxy_desktop.ui.widgets.focus import focused_widget
from aiproxy_desktop.ui.widgets.form_select import FormSelect
from tests.ui.image_parts import DALLE, SUNBURST, Making, making_in
from tests.unit.services.images.desk import noise, png
from tests.waiting import until


def fields(making: Making) -> dict[str, ControlField]:
    return {control.option: field for _section, control, field in making.panel.controls.fields}


def wanted(facts: ImageModelFacts) -> dict[str, set[str]]:
    """What can be chosen, by the table."""
    found = {
        "size": facts.sizes,
        "quality": facts.qualities,
        "background": facts.backgrounds,
        "output_format": facts.formats,
        "style": facts.styles,
        "moderation": facts.moderations,
        "aspect_ratio": facts.aspect_ratios,
        "image_size": facts.resolutions,
    }
    return {option: set(values) for option, values in found.items() if values}


async def test_controls_are_those_of_the_table(tmp_path: Path, qtbot: QtBot) -> None:
    async with making_in(tmp_path, qtbot) as making:
        for facts in IMAGE_MODELS:
            # Any provider that makes images takes any name; what is known goes by the name.
            making.request.choose(f"openai:{facts.id}")
            shown = fields(making)
            lists = {
                option: {value for value, _words in one.select._options} - {"", "own"}
                for option, one in shown.items()
                if isinstance(one, ChoiceField | SizeField)
            }
            if facts.free_size:
                assert set(facts.sizes) < lists.pop("size"), facts.id
            assert lists == {
                option: values
                for option, values in wanted(facts).items()
                if option != "size" or not facts.free_size
            }, facts.id
            numbers = {
                option: (one.stepper.minimum(), one.stepper.maximum())
                for option, one in shown.items()
                if isinstance(one, NumberField)
            }
            assert numbers.get("n", (1, 1)) == (1, facts.most_images), facts.id
            assert numbers.get("partial_images", (0, 0)) == (0, facts.most_previews), facts.id
            assert "input_fidelity" not in shown


async def test_what_is_chosen_is_what_is_sent_and_what_it_costs(tmp_path: Path, qtbot: QtBot) -> None:
    async with making_in(tmp_path, qtbot) as making:
        assert not making.button("run").isEnabled()
        QTest.keyClicks(making.panel.prompt, "A red boat")
        assert making.button("run").isEnabled()
        before = making.words("cost")
        assert before.startswith("1 picture, ")
        more = making.panel.findChild(QWidget, "images.generate.n.more")
        assert isinstance(more, QWidget)
        QTest.mouseClick(more, Qt.MouseButton.LeftButton)
        assert making.words("cost").startswith("2 pictures, ")
        quality = making.button("quality")
        assert isinstance(quality, FormSelect)
        quality.set_value("low")
        quality.chosen.emit("low")
        QTest.keyClick(making.button("partial_images"), Qt.Key.Key_Down)  # none: both in one request
        started = QSignalSpy(making.request.started)
        QTest.keyClick(making.panel.prompt, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: started.count() == 1)
        run = await making.desk.over(making.run())
        assert run.error is None
        assert [
            (one.prompt, one.fields.get("quality"), one.fields.get("n")) for one in making.server.requests
        ] == [("A red boat", "low", 2)]
        assert not making.server.refusals
        assert making.request.history[0] == "A red boat"
        await until(lambda: not making.request.busy)


async def test_the_button_cancels_while_it_goes_on(tmp_path: Path, qtbot: QtBot) -> None:
    async with making_in(tmp_path, qtbot, fault="silent") as making:
        making.request.set_prompt("A red boat")
        making.press("run")
        await until(lambda: bool(making.server.requests))
        assert making.button("run").accessibleName() == "Cancel"
        making.press("run")
        run = await making.desk.over(making.run())
        assert run.state == "cancelled"
        await until(lambda: making.button("run").accessibleName() == "Generate")


async def test_an_own_size_is_checked_at_once(tmp_path: Path, qtbot: QtBot) -> None:
    async with making_in(tmp_path, qtbot) as making:
        making.request.set_prompt("A red boat")
        size = fields(making)["size"]
        assert isinstance(size, SizeField)
        size.select.set_value("own")
        size.select.chosen.emit("own")
        own = making.button("size.own")
        assert isinstance(own, OwnSize)
        assert own.isVisibleTo(making.panel)
        width = making.panel.findChild(QLineEdit, "images.generate.size.own.width")
        assert isinstance(width, QLineEdit)
        width.setText("1000")
        assert own.problem == "Width goes in steps of 16: 992 or 1008."
        assert not making.button("run").isEnabled()
        QTest.keyClick(width, Qt.Key.Key_Up)
        assert width.text() == "1008"
        assert not own.problem
        assert making.button("run").isEnabled()
        width.setText("4000")
        assert making.words("why") == "The longer side can have at most 3840 pixels."
        width.setText("2048")
        making.press("run")
        await making.desk.over(await _begun(making))
        assert making.server.requests[0].fields["size"] == "2048x1024"


async def test_a_value_waits_for_a_model_that_takes_it(tmp_path: Path, qtbot: QtBot) -> None:
    async with making_in(tmp_path, qtbot) as making:
        request = making.request
        request.set_value(request.sections[0], "quality", "max")
        request.choose(DALLE)
        quality = making.button("quality")
        assert isinstance(quality, FormSelect)
        assert quality.text() == "Default"
        request.set_prompt("A red boat")
        making.press("run")
        run = await making.desk.over(await _begun(making))
        assert "quality" not in run.task.options
        request.choose(SUNBURST)
        again = making.button("quality")
        assert isinstance(again, FormSelect)
        assert again.text() == "Highest"


async def test_what_was_used_last_is_chosen_again(tmp_path: Path, qtbot: QtBot) -> None:
    async with making_in(tmp_path, qtbot) as making:
        images = making.desk.images
        await images.models.note_used(SUNBURST, {"size": "1536x1024", "quality": "high"})
        for room, size in (("generate", "1536x1024"), ("edit", "auto")):
            later = RequestViewModel(
                images.models, images.runs, images.library, making.told.append, room=cast("Room", room)
            )
            later.choose(SUNBURST)
            (section,) = later.sections
            values = {control.option: later.value(section, control) for control in section.controls}
            assert (values["size"], values["quality"]) == (size, "high")
            await later.close()


async def test_what_another_room_asks_changes_no_model_here(tmp_path: Path, qtbot: QtBot) -> None:
    async with making_in(tmp_path, qtbot) as making:
        images = making.desk.images
        await images.models.note_used(SUNBURST, {})
        other = RequestViewModel(images.models, images.runs, images.library, making.told.append, room="edit")
        await images.models.note_used(DALLE, {})
        assert [offer.reference for offer in other.chosen] == [SUNBURST]
        await other.close()


async def test_several_models_share_what_they_have_in_common(tmp_path: Path, qtbot: QtBot) -> None:
    async with making_in(tmp_path, qtbot) as making:
        request = making.request
        request.choose("openai:gpt-image-2")
        request.toggle(DALLE)
        assert making.panel.models.text() == "2 models side by side"
        assert [section.title for section in request.sections] == ["gpt-image-2", "dall-e-3"]
        request.toggle(DALLE)
        request.toggle(SUNBURST)
        common, own = request.sections[0], request.sections[1:]
        assert not own
        assert {"size", "quality", "n", "background"} <= {control.option for control in common.controls}
        quality = next(control for control in common.controls if control.option == "quality")
        assert "max" not in quality.values
        request.set_prompt("A red boat")
        assert making.words("cost").startswith("2 pictures")
        request.toggle(SUNBURST)
        request.toggle("openai:gpt-image-2")
        assert len(request.chosen) == 1  # the last one stays


async def test_what_stands_against_it_is_one_sentence(tmp_path: Path, qtbot: QtBot) -> None:
    async with making_in(tmp_path, qtbot) as making:
        request = making.request
        request.set_prompt("A red boat")
        assert making.words("why") == ""
        request.add_references([await making.picture()])
        request.choose(DALLE)
        assert making.words("why") == "dall-e-3 takes no reference pictures: remove them or choose another."
        assert making.words("references.count") == "1 of 0"
        making.press("references.0")
        assert not request.pictures.references
        assert making.button("run").isEnabled()
        request.choose(SUNBURST)
        request.set_value(request.sections[0], "background", "transparent")
        request.set_value(request.sections[0], "output_format", "jpeg")
        assert making.words("why").startswith("JPEG has no transparency")
        assert "output_compression" in fields(making)


async def test_an_edit_takes_its_mask_when_it_is_sent(tmp_path: Path, qtbot: QtBot) -> None:
    async with making_in(tmp_path, qtbot, room="edit") as making:
        request = making.request
        request.set_prompt("A glass of water")
        assert making.words("why") == "Open, drop or paste a picture first."
        request.set_base(await making.picture())
        assert making.button("run").accessibleName() == "Edit picture"
        asked: list[bool] = []

        async def parts() -> EditParts:
            asked.append(True)
            return EditParts(None, 4.0)

        request.set_edit_source(parts)
        request.set_mask_state(True)
        assert making.button("run").accessibleName() == "Edit masked area"
        assert making.words("guarantee") == "Pixels outside the mask stay exactly as they are"
        shown = QSignalSpy(making.panel.protect_shown)
        making.panel.toggle_protect_shown()
        assert shown.count() == 1
        assert shown.at(0) == [True]
        making.press("protect")
        assert making.words("guarantee") == "The model may change pixels outside the mask"
        making.press("run")
        run = await _begun(making)
        assert asked
        assert run.task.base == request.pictures.base
        assert run.task.feather == 4.0
        assert not run.task.protect
        await making.desk.over(run)


async def test_models_are_found_by_typing_and_compared_by_ticking(tmp_path: Path, qtbot: QtBot) -> None:
    async with making_in(tmp_path, qtbot) as making:
        for provider in ("openai", "gemini"):
            await making.desk.runtime.providers.refresh(provider)
        vm, panel = making.request, making.panel
        panel.models.open()
        search = await _found(panel, "images.generate.model.picker.search")
        QTest.keyClicks(search, "openai flare")
        QTest.keyClick(search, Qt.Key.Key_Return)
        assert [offer.name for offer in vm.chosen] == ["gpt-image-2.6-flare"]
        panel.models.open()
        several = await _found(panel, "images.generate.model.picker.several")
        QTest.mouseClick(several, Qt.MouseButton.LeftButton)
        search = await _found(panel, "images.generate.model.picker.search")
        QTest.keyClicks(search, "sunburst")
        QTest.keyClick(search, Qt.Key.Key_Return)
        assert panel.models.text() == "2 models side by side"
        QTest.keyClick(search, Qt.Key.Key_Escape)
        # One that is not ready leads to where that is mended.
        pages = QSignalSpy(panel.page_wanted)
        panel.models.open()
        search = await _found(panel, "images.generate.model.picker.search")
        QTest.keyClicks(search, "gemini pro")
        QTest.keyClick(search, Qt.Key.Key_Return)
        assert pages.count() == 1
        assert len(vm.chosen) == 2


async def _found(panel: QWidget, name: str) -> QWidget:
    """The one of this name that is to be seen: a popover that was closed goes in the next turn."""
    await until(lambda: any(one.isVisible() for one in panel.findChildren(QWidget, name)), name)
    return next(one for one in panel.findChildren(QWidget, name) if one.isVisible())


async def test_earlier_prompts_come_back_and_pictures_are_pasted(tmp_path: Path, qtbot: QtBot) -> None:
    async with making_in(tmp_path, qtbot) as making:
        library, prompt = making.desk.images.library, making.panel.prompt
        for place, words in enumerate(("A red boat", "A blue boat")):
            new = NewImage("generated", "image/png", 8, 8, prompt=words, model=SUNBURST, run=words)
            await library.add(new, png(noise((8, 8), place)))
        again = RequestViewModel(
            making.desk.images.models, making.desk.images.runs, library, making.told.append
        )
        again.read_history()
        await until(lambda: bool(again.history))
        assert again.history == ("A blue boat", "A red boat")
        await again.close()
        making.request.set_history(again.history)
        QTest.keyClick(prompt, Qt.Key.Key_Up)
        QTest.keyClick(prompt, Qt.Key.Key_Up)
        assert making.request.prompt == "A red boat"
        QTest.keyClick(prompt, Qt.Key.Key_Down)
        assert making.request.prompt == "A blue boat"
        making.press("earlier")
        rows = await _found(making.panel, "images.generate.earlier.list")
        QTest.keyClick(rows, Qt.Key.Key_Down)
        QTest.keyClick(rows, Qt.Key.Key_Return)
        assert prompt.toPlainText() == "A red boat"
        files, pictures = (
            QSignalSpy(making.panel.reference_files_dropped),
            QSignalSpy(making.panel.reference_picture_brought),
        )
        carried = QMimeData()
        carried.setUrls([QUrl.fromLocalFile("/tmp/mug.png")])
        prompt.insertFromMimeData(carried)
        assert files.count() == 1
        assert files.at(0) == [["/tmp/mug.png"]]
        carried = QMimeData()
        carried.setData("image/png", png(noise((8, 8))))
        prompt.insertFromMimeData(carried)
        assert pictures.count() == 1
        kept = await making.picture()
        carried = QMimeData()
        carried.setUrls([QUrl.fromLocalFile("/tmp/mug.png")])
        carried.setData(IMAGES_TYPE, ids_as_data([kept.id]))
        prompt.insertFromMimeData(carried)
        await until(lambda: making.request.pictures.references == (kept,), "what is kept is not kept again")
        assert files.count() == 1
        assert prompt.toPlainText() == "A red boat"


async def test_tab_goes_by_what_is_seen(tmp_path: Path, qtbot: QtBot) -> None:
    async with making_in(tmp_path, qtbot) as making:
        making.request.choose(DALLE)
        making.request.choose(SUNBURST)
        making.request.add_references([await making.picture()])
        making.request.set_prompt("A red boat")
        making.panel.activateWindow()
        await until(making.panel.isActiveWindow)
        making.panel.focus_start()
        found: list[str] = []
        while len(found) < 20 and (not found or found[-1] != "run"):
            QTest.keyClick(_focused(), Qt.Key.Key_Tab)
            found.append(_focused().objectName().removeprefix("images.generate."))
        assert found == [
            *("model", "size", "quality", "background", "output_format", "n", "partial_images"),
            *("references.0", "references.add", "run"),
        ]


def _focused() -> QWidget:
    focused = focused_widget()
    assert focused is not None
    return focused


async def test_no_model_is_ready(tmp_path: Path, qtbot: QtBot) -> None:
    async with making_in(tmp_path, qtbot, key=False) as making:
        images = making.desk.images
        for provider in ("openai", "gemini"):
            await making.desk.runtime.providers.refresh(provider)
        await until(lambda: not any(offer.ready for offer in images.models.all))
        making.request.set_prompt("A red boat")
        assert making.words("why") == "No model for pictures is ready: add a key or a provider in Models."
        assert not making.button("run").isEnabled()
        assert making.view.findChild(QWidget, "images.generate.empty.models") is not None
        wanted_pages = QSignalSpy(making.view.page_wanted)
        making.press("empty.models")
        assert wanted_pages.count() == 1
        assert wanted_pages.at(0) == ["models"]


async def _begun(making: Making) -> Run:
    await until(lambda: bool(making.desk.images.runs.all) and not making.request._starting)
    return making.run()
