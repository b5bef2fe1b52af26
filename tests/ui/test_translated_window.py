"""Every word of the window comes from the catalogue: with one that wraps each, nothing stands unwrapped."""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QMenu

from aiproxy_desktop.core.errors import ProviderTimeoutError
from aiproxy_desktop.services.components import read_components
from aiproxy_desktop.services.voice.values import VoiceCall
from aiproxy_desktop.ui.translation import use
from aiproxy_desktop.ui.widgets.brought import Brought
from tests.application import Person, running
from tests.image_servers import OpenAIImages
from tests.live_servers import GeminiLive
from tests.live_servers.behaviour import Call
from tests.ollama_server import OllamaServer, stored
from tests.ui.chat_parts import answer
from tests.ui.chat_window import Window, opened
from tests.ui.compare_parts import compared
from tests.ui.images_world import Images, images_tab, openai_at, photo
from tests.ui.models_world import Models, models_tab
from tests.ui.voice_world import gemini_at, voice_tab
from tests.ui.words_seen import Word, words_seen
from tests.waiting import until

ASKED = "Say hi"
SMOL = "SmolLM2 135M"

# Models as their providers describe them, and the providers.
DESCRIBED = (
    *(
        SMOL,
        "smollm2-135m",
        "gemma3:4b",
        "qwen3:0.6b",
        "Q4_1",
        "Q4_K_M",
        "llama",
        "3.2B",
        "135M",
        "HuggingFaceTB",
    ),
    *("apache-2.0", "{{ .Prompt }}", "Built in", "Ollama", "OpenAI", "Azure OpenAI", "Anthropic", "Gemini"),
    *("Groq", "Together", "OpenRouter", "Mistral", "DeepSeek", "xAI", "Fireworks", "Cerebras", "LM Studio"),
    *("vLLM", "llama.cpp", "LiteLLM"),
)

_PICTURES = r"OpenAI|Gemini|No key\. Add one\.|desk\.png|make it red|PNG|JPEG|WebP|Ctrl|Enter|x|px|KB"

# What is no word of the interface, each with its reason: where it stands and what it says.
DATA = {
    "a name": (r".*", r"AI Proxy Desktop"),
    "what the person asked or a model made of it, which names the conversation": (r".*", r"Say hi|I am \w+"),
    "models and their providers": (
        r"chat\.(compare|modelPicker)\b",
        r"(Ada|Bea|Cleo|Built in|SmolLM2 135M|OpenAI|Gemini|Anthropic|Ollama|[, ])+",
    ),
    "what was answered, and by which model": (
        r"chat\..*transcript",
        r"(Hi|Good day|I am \w+|\W|SmolLM2 135M)+",
    ),
    "a provider, and what the services say of it": (r"settings\.provider\.", r".*"),
    "keys, in the system's own writing": (
        r"chat\.compare\.keep|shell\.palette",
        r"((Ctrl|Alt|Shift)\+)*(\W|\w|F\d|Del|Return|Backspace)",
    ),
    "how such a name and address look": (r"settings\.endpoint", r"studio-mac|http://127.*"),
    "a folder of this computer": (r"settings\.(data|about)", r"\u2066?/.*"),
    "models and providers in the models tab, a dot or a rank between them": (
        r"models\b",
        rf"({'|'.join(map(re.escape, DESCRIBED))}|[\W\d])+",
    ),
    "what the services say of a provider": (
        r"models\.provider\.content",
        rf"No key|Add one\.|Found at .*|{SMOL}, .*|http://127.*",
    ),
    "what such a name and text look like": (r"models\.ollama\.create\.", r"my-llama|FROM llama3\.2(.|\n)*"),
    "the name of a sum": (r"models\.getModel\.", r"SHA-256"),
    "image models and their providers, pictures by their names and prompts, formats": (
        r"images\b",
        rf"((gpt-image|dall-e|gemini)-[\w.-]+|{_PICTURES}|[\W\d])+",
    ),
    "the place under the pointer and its colour": (r"images\.pixel", r"[\d, ]+#[0-9A-F]+"),
    "live models, what they and the person said, and what the services say of devices": (
        r"voice\b",
        rf"((gemini|gpt)-[\w.-]+|Hi|{ASKED}|No sound system was found .*|Gemini|\W)+",
    ),
    "keys of tools": (r"images\.tool\.", r"[BERLGCX]"),
    "components and their licences": (
        r"settings\.about",
        "|".join(
            re.escape(word) for one in read_components() for word in (one.name, one.licence, one.version)
        ),
    ),
    "what this window of the tests calls its pages": (r"shell\.rail\.", r"Chat|Settings"),
}


class Marked(gettext.NullTranslations):
    """A language in which each text is its English one between brackets."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"


@pytest.fixture(autouse=True)
def _marked() -> Iterator[None]:
    use(Marked())
    yield
    use(None)


def left_over(text: str) -> str:
    """What stands outside all brackets."""
    depth, rest = 0, ""
    for character in text:
        depth += (character == "⟦") - (character == "⟧")
        rest += character if not depth else ""
    return rest.replace("⟧", "").lstrip(" ,:.").rstrip()


def is_data(word: Word) -> bool:
    rest = left_over(word.text)
    return any(re.match(at, word.where) and re.fullmatch(said, rest) for at, said in DATA.values())


def unwrapped() -> list[str]:
    """Every text that is shown or said now and holds a letter that no translator could reach."""
    words = [word for word in words_seen() if re.search(r"[^\W\d_]", left_over(word.text))]
    return sorted({f"{word.where} ({word.what}): {word.text}" for word in words if not is_data(word)})


def close_menu() -> None:
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    menu.close()


async def menu_of(view: QAbstractItemView) -> None:
    """Open the menu of a list's first row that has one."""
    view.setCurrentIndex(view.model().index(view.model().rowCount() - 1, 0))
    place = view.visualRect(view.currentIndex()).center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, place, view.mapToGlobal(place))
    QApplication.sendEvent(view, event)
    await until(lambda: QApplication.activePopupWidget() is not None, "the menu")


async def test_the_application_from_its_first_page_to_the_last_of_settings(aiproxy_home: Path) -> None:
    async with running(aiproxy_home) as person:
        await until(lambda: person.sees("chat.firstRun.ollama"), "the first page")
        assert unwrapped() == []
        for part in ("providers", "chat", "presets", "appearance", "data", "about"):
            person.window.show_page(f"settings.{part}")
            await until(partial(person.sees, f"settings.{part}"), part)
            assert unwrapped() == []
        await the_editors_of_settings(person)


async def the_editors_of_settings(person: Person) -> None:
    person.window.show_page("settings.providers")
    await person.click("settings.provider.openai.addKey")
    await until(lambda: person.sees("settings.provider.openai.editor.save"), "the form of a key")
    assert unwrapped() == []
    await person.press("Escape")
    await person.click("settings.endpoint.add")
    await person.click("settings.endpoint.save")
    assert unwrapped() == []


async def test_the_models_tab_with_its_panels(aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with OllamaServer(stored("gemma3:4b", 3_000_000)) as ollama:
        ollama.store.offer(stored("qwen3:0.6b", 6_000_000))
        ollama.speed = 100_000
        async with models_tab(aiproxy_home, monkeypatch, {"OLLAMA_HOST": ollama.url}) as models:
            await until(lambda: "gemma3:4b" in models.names, "the models")
            assert unwrapped() == []
            await the_panels(models)
            await the_details(models)
            await the_filters(models)
            await a_pull(models)


async def test_the_images_tab_with_its_parts(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with (
        OpenAIImages() as server,
        images_tab(aiproxy_home, monkeypatch, openai_at(server.url)) as images,
    ):
        for part in ("generate", "edit", "gallery"):
            await images.go(part)
            assert unwrapped() == []
        images.page.take(Brought((photo(tmp_path / "desk.png"),)))
        await until(lambda: images.vm.edit.current is not None, "the picture")
        await images.settled()
        await images.stroke((200, 200), (320, 200))
        assert unwrapped() == []
        await the_menus_of_edit(images)
        await images.ask("make it red")
        await until(lambda: len(images.versions) == 2 and not images.vm.changing.running, "it is changed")
        await images.settled()
        for mode in ("slider", "side_by_side", "difference"):
            images.vm.edit.set_compare(mode)
            await until(lambda: images.vm.edit.before is not None, "what it was made from")
            assert unwrapped() == []
        await images.go("generate")
        await images.ask("make it red", "generate")
        await until(lambda: images.vm.generate.blocks and not images.vm.making.running, "what was made")
        assert unwrapped() == []
        await images.go("gallery")
        await until(lambda: len(images.vm.gallery.rows) == 3, "what is kept")
        assert unwrapped() == []
        images.page.gallery.show_image(images.current().id)
        await until(lambda: images.vm.gallery.details is not None, "its details")
        assert unwrapped() == []


async def the_menus_of_edit(images: Images) -> None:
    for button in ("images.mask", "images.zoom"):
        await images.person.click(button)
        await until(lambda: QApplication.activePopupWidget() is not None, button)
        assert unwrapped() == []
        close_menu()
    await images.person.click("images.edit.model")
    await until(lambda: images.person.sees("images.edit.model.popover"), "the models")
    assert unwrapped() == []
    await images.person.press("Escape")
    for tool in ("crop", "extend", "fill", "brush"):
        await images.person.click(f"images.tool.{tool}")
        assert unwrapped() == []


async def the_panels(models: Models) -> None:
    person = models.person
    for key, shown in (
        ("ctrl+b", "models.best.count"),
        ("ctrl+n", "models.addProvider.search"),
        ("ctrl+l", "models.local.open"),
        ("ctrl+m", "models.ollama.create.create"),
        ("ctrl+p", "models.getModel.name"),
    ):
        await person.press(key)
        await until(partial(person.sees, shown), shown)
        assert unwrapped() == []
    await person.click("models.getModel.way.address")
    assert unwrapped() == []
    await person.press("ctrl+b")
    await until(lambda: person.sees("models.best.entry.0"), "who comes first")
    assert unwrapped() == []
    for provider in ("ollama", "openai", "builtin"):
        models.page.panels.show_provider(provider)
        await until(lambda: person.sees("models.provider"), provider)
        assert unwrapped() == []
    models.page.panels.begin_host()
    assert unwrapped() == []
    await person.press("Escape")


async def the_details(models: Models) -> None:
    person = models.person
    for name in (SMOL, "gemma3:4b"):
        await models.click(name)
        await until(lambda: models.page.view_model.details.asked != "loading", "what its provider says")
        assert unwrapped() == []
    await person.click("models.ollama.model.copy")
    assert unwrapped() == []
    await person.press("Escape", "ctrl+f", "Down", "Menu")
    await until(lambda: QApplication.activePopupWidget() is not None, "the menu of a line")
    assert unwrapped() == []
    close_menu()


async def the_filters(models: Models) -> None:
    person = models.person
    for name in ("capability", "provider", "place", "context", "price", "more"):
        await person.click(f"models.filter.{name}")
        await until(partial(person.sees, f"models.filter.{name}.popover"), name)
        assert unwrapped() == []
        await person.press("Escape")
    await person.click("models.view")
    await until(lambda: person.sees("models.view.popover"), "columns and order")
    assert unwrapped() == []
    await person.press("Escape")
    models.page.view_model.table.set_filters(min_context=32_768, places=("cloud",), capabilities=("vision",))
    await until(lambda: person.sees("models.empty.clear"), "nothing matches")
    assert unwrapped() == []
    await person.click("models.empty.clear")


async def a_pull(models: Models) -> None:
    models.page.view_model.downloads.pull("ollama", "qwen3:0.6b")
    await until(lambda: len(models.page.downloads.rows) == 1, "the download")
    await until(lambda: models.page.downloads.rows[0].download.completed, "its bytes")
    assert unwrapped() == []
    models.page.downloads.rows[0].end.click()
    await until(lambda: models.person.sees("shell.toast"), "the toast")
    assert unwrapped() == []


async def test_a_conversation_with_its_menus_and_what_opens_over_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        window.parts.model.play(*answer("Hi."))
        await window.ask(ASKED)
        await window.answered()
        assert unwrapped() == []
        for key, modifier, shown in (
            (Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier, "chat.findBar.field"),
            (Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier, "shell.palette.list"),
        ):
            window.press(key, modifier)
            await until(partial(window.shows, shown), shown)
            assert unwrapped() == []
            window.press(Qt.Key.Key_Escape)
        both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        window.press(Qt.Key.Key_O, both)
        await until(lambda: window.shows("chat.options"), "the options")
        assert unwrapped() == []
        window.press(Qt.Key.Key_Escape)
        window.click("chat.modelPicker")
        await until(lambda: window.shows("chat.modelPicker.list"), "the models")
        assert unwrapped() == []
        window.press(Qt.Key.Key_Escape)
        await the_menus(window)


async def the_menus(window: Window) -> None:
    window.click("chat.attach")
    await until(lambda: QApplication.activePopupWidget() is not None, "the menu of Attach")
    assert unwrapped() == []
    close_menu()
    await menu_of(window.find(QAbstractItemView, "chat.conversations"))
    assert unwrapped() == []
    close_menu()
    area = window.transcript
    area.setFocus(Qt.FocusReason.TabFocusReason)
    window.press(Qt.Key.Key_Up)
    place = area.viewport().rect().center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, place, area.mapToGlobal(place))
    QApplication.sendEvent(area.viewport(), event)
    await until(lambda: QApplication.activePopupWidget() is not None, "the menu of a message")
    assert unwrapped() == []
    close_menu()


async def test_an_answer_that_fails_and_a_toast(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        window.parts.model.play(ProviderTimeoutError("⟦It took too long⟧", "⟦Ask again.⟧"))
        await window.ask(ASKED)
        await until(lambda: window.parts.view_model.messages[-1].status == "failed", "the failure")
        assert unwrapped() == []
        conversation = window.parts.view_model.conversation
        assert conversation is not None
        window.parts.view_model.history.delete(conversation.id)
        await until(lambda: window.shows("shell.toast"), "the toast")
        assert unwrapped() == []


async def test_models_side_by_side(tmp_path: Path) -> None:
    async with compared(tmp_path, 3) as (window, _quartet):
        assert unwrapped() == []
        await window.ask(ASKED)
        await until(lambda: not window.parts.view_model.answers.conversations(), "the answers end")
        await until(lambda: window.shows("chat.compare.keep.3"), "the answers")
        assert unwrapped() == []


async def test_the_voice_tab_in_every_state(aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    call = Call("current_time")
    async with (
        GeminiLive(answer="Hi", heard=ASKED, calls=(call,), search=True) as server,
        voice_tab(aiproxy_home, monkeypatch, gemini_at(server.url)) as voice,
    ):
        assert unwrapped() == []
        voice.vm.change(functions=("current_time",))
        await voice.write(ASKED)
        await until(lambda: voice.person.sees("voice.transcript"), "the transcript")
        await until(lambda: len(voice.vm.entries) > 1, "the question about the call")
        assert unwrapped() == []
        for entry in voice.vm.entries:
            if isinstance(entry, VoiceCall) and entry.status == "asking":
                voice.vm.allow(entry.id)
        await voice.answered(1)
        assert unwrapped() == []
        await voice.person.click("voice.mode.hands_free")
        assert unwrapped() == []
        await voice.person.click("voice.end")
        await until(lambda: voice.vm.state.phase == "ended", "the end")
        assert unwrapped() == []
