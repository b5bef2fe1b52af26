"""The chat page in a real window, driven by real keys and clicks."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QListView, QWidget

from aiproxy_desktop.core.errors import RateLimitError
from aiproxy_desktop.core.events import Started, StreamEvent, TextDelta
from aiproxy_desktop.services.chat import MAX_PROMPT_BYTES
from aiproxy_desktop.ui.chat.transcript import Transcript
from aiproxy_desktop.ui.widgets.popover import Popover
from aiproxy_desktop.ui.widgets.toast import ToastMessage
from tests.ui.chat_parts import answer
from tests.ui.chat_window import opened
from tests.waiting import until
from tests.wire import ByteServer, Exchange, Reply

ENDLESS: tuple[StreamEvent, ...] = (Started("builtin", "x"), *[TextDelta("word ")] * 100_000)


def ollama(exchange: Exchange) -> Reply:
    names = ("llama3.2:3b", "gemma3:4b")
    if exchange.path == "/api/tags":
        models = [{"name": name, "model": name, "capabilities": ["completion"]} for name in names]
        return Reply.json({"models": models})
    return Reply.json({"error": "not here"}, 404)


async def test_the_first_run_offers_everything_there_is(tmp_path: Path) -> None:
    async with ByteServer(ollama) as server, opened(tmp_path, {"OLLAMA_HOST": server.url}) as window:
        page = window.page
        assert window.shows("chat.firstRun")
        assert page.welcome.line == "SmolLM2 135M is built in and ready. It runs on this computer, offline."
        assert window.find(QAbstractButton, "chat.firstRun.keys").text() == "Add a key"
        assert window.find(QAbstractButton, "chat.firstRun.ollama").text() == "Use llama3.2:3b"
        assert not window.shows("chat.transcript")
        window.click("chat.firstRun.ollama")
        assert page.welcome.line == "llama3.2:3b answers, on this computer."
        assert page.composer.model_button.accessibleName() == "Model: llama3.2:3b, Ollama"
        window.click("chat.firstRun.keys")
        assert window.window.current_page == "settings"


async def test_ollama_that_is_not_there_can_be_looked_for_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        button = window.find(QAbstractButton, "chat.firstRun.ollama")
        assert button.text() == "Look again"
        window.click("chat.firstRun.ollama")
        await until(lambda: button.text() == "Look again" and button.isVisible())


async def test_a_starter_goes_into_the_composer_and_waits(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        window.click("chat.firstRun.starter1")
        assert window.composer.toPlainText() == "Explain a hash map in three sentences"
        assert window.composer.hasFocus()
        assert window.find(QAbstractButton, "chat.send").isEnabled()


async def test_a_question_and_its_answer_by_keyboard(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        assert window.composer.hasFocus()
        assert not window.find(QAbstractButton, "chat.send").isEnabled()
        await window.ask("Hello there")
        await window.answered()
        assert window.shows("chat.transcript")
        assert not window.shows("chat.firstRun")
        transcript = window.find(Transcript, "chat.transcript")
        transcript.select_all()
        assert "Hello there" in transcript.selected_text(plain=True)
        assert "Good day" in transcript.selected_text(plain=True)
        assert window.composer.hasFocus()
        assert window.shows("chat.send")
        assert not window.shows("chat.stop")


async def test_send_becomes_stop_in_the_same_place(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        window.parts.model.play(*ENDLESS, delay=0.001)
        window.type("Go")
        send = window.find(QAbstractButton, "chat.send")
        QTest.mouseClick(send, Qt.MouseButton.LeftButton)
        await until(lambda: window.shows("chat.stop"))
        await until(lambda: window.parts.view_model.messages)
        stop = window.find(QAbstractButton, "chat.stop")
        assert stop.size() == send.size()
        assert not window.shows("chat.send")
        await until(lambda: window.parts.view_model.messages[-1].text)
        await until(lambda: stop.isVisible() and stop.width() > 0)
        window.click("chat.stop")
        await until(lambda: window.shows("chat.send"))
        assert window.parts.view_model.messages[-1].status == "interrupted"
        assert window.composer.hasFocus()


async def test_escape_stops_an_answer_and_else_leads_to_the_composer(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        window.parts.model.play(*ENDLESS, delay=0.001)
        await window.ask("Go")
        await until(lambda: window.parts.view_model.messages and window.parts.view_model.messages[-1].text)
        window.press(Qt.Key.Key_Escape)
        await until(lambda: not window.parts.view_model.answering, "the stop")
        search = window.find(QLineEdit, "chat.search")
        search.setFocus()
        window.press(Qt.Key.Key_Escape)
        assert window.composer.hasFocus()


async def test_enter_sends_and_shift_enter_makes_a_line(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        composer = window.composer
        height = composer.height()
        window.type("one")
        for _ in range(5):
            QTest.keyClick(composer, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
        window.type("two")
        assert composer.toPlainText() == "one\n\n\n\n\ntwo"
        await until(lambda: composer.height() > height, "the composer grows")
        QTest.keyClick(composer, Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier)
        await window.answered()
        assert window.parts.view_model.messages[0].text == "one\n\n\n\n\ntwo"


async def test_enter_belongs_to_an_input_method_while_it_composes(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        composer = window.composer
        QApplication.sendEvent(composer, QInputMethodEvent("にほん", []))
        QTest.keyClick(composer, Qt.Key.Key_Return)
        assert not window.parts.view_model.answering
        commit = QInputMethodEvent("", [])
        commit.setCommitString("日本")
        QApplication.sendEvent(composer, commit)
        assert composer.toPlainText().strip() == "日本"
        QTest.keyClick(composer, Qt.Key.Key_Return)
        await window.answered()


async def test_the_composer_takes_two_fifths_of_the_height_at_most(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        window.composer.insertPlainText("line\n" * 500)
        await until(lambda: window.page.composer.height() > 200)
        assert window.page.composer.height() <= 0.4 * window.page.height() + 1


async def test_what_is_written_comes_before_what_is_offered(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        window.window.resize(880, 560)
        await until(lambda: window.page.height() == 560)
        assert window.shows("chat.firstRun.suggestions")
        window.composer.insertPlainText("line\n" * 20)
        await until(lambda: not window.shows("chat.firstRun.suggestions"))
        window.composer.clear()
        await until(lambda: window.shows("chat.firstRun.suggestions"))


async def test_only_plain_text_is_pasted(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        data = QMimeData()
        data.setHtml("<b>bold</b><img src='http://127.0.0.1:1/x.png'>")
        data.setText("bold\r\ntext")
        QGuiApplication.clipboard().setMimeData(data)
        window.composer.paste()
        assert window.composer.toPlainText() == "bold\ntext"


async def test_a_paste_of_ten_megabytes_is_refused_in_one_sentence(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        window.type("keep me")
        QGuiApplication.clipboard().setText("line\n" * (10 * 1024 * 1024 // 5))
        window.composer.paste()
        assert window.composer.toPlainText() == "keep me"
        assert "10.0 MB" in window.parts.view_model.notice
        assert window.shows("chat.notice")
        QGuiApplication.clipboard().clear()


async def test_a_prompt_that_is_too_large_keeps_its_text(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        prompt = "line\n" * (MAX_PROMPT_BYTES // 5 + 1)
        window.composer.setPlainText(prompt)
        QTest.keyClick(window.composer, Qt.Key.Key_Return)
        await until(lambda: window.shows("chat.notice"), "the sentence")
        assert window.composer.toPlainText() == prompt
        assert window.shows("chat.send")


async def test_an_error_card_offers_retry_and_both_versions_stay(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        window.parts.model.play(RateLimitError("OpenAI asks to wait 12 s", "Wait a moment."))
        await window.ask("Try")
        await until(lambda: window.shows("chat.transcript.retryHere"), "the card")
        window.parts.model.play(*answer("Better"))
        window.click("chat.transcript.retryHere")
        await window.answered()
        assert [message.text for message in window.parts.view_model.messages] == ["Try", "Better"]
        window.click("chat.transcript.formerVersion")
        await until(lambda: window.parts.view_model.messages[-1].status == "failed", "the failed one")
        await until(lambda: window.find(QAbstractButton, "chat.transcript.laterVersion").isEnabled())
        assert not window.find(QAbstractButton, "chat.transcript.formerVersion").isEnabled()
        window.click("chat.transcript.laterVersion")
        await until(lambda: window.parts.view_model.messages[-1].text == "Better", "the better one")


async def test_the_picker_by_keyboard(tmp_path: Path) -> None:
    async with ByteServer(ollama) as server, opened(tmp_path, {"OLLAMA_HOST": server.url}) as window:
        window.click("chat.modelPicker")
        search = window.find(QLineEdit, "chat.modelPicker.search")
        await until(search.hasFocus)
        rows = window.find(QListView, "chat.modelPicker.list")
        assert rows.currentIndex().data() == "SmolLM2 135M"
        QTest.keyClick(search, Qt.Key.Key_Up)
        assert rows.currentIndex().data() == "gemma3:4b"
        QTest.keyClicks(search, "llama")
        assert rows.currentIndex().data() == "llama3.2:3b"
        QTest.keyClick(search, Qt.Key.Key_Return)
        assert not window.shows("chat.modelPicker.popover")
        assert window.composer.hasFocus()
        choice = window.parts.view_model.models.choice
        assert choice is not None
        assert choice.reference == "ollama:llama3.2:3b"
        await until(lambda: window.parts.settings.current.model == "ollama:llama3.2:3b")


async def test_escape_closes_the_picker_and_chooses_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        window.click("chat.modelPicker")
        popover = window.find(Popover, "chat.modelPicker.popover")
        window.press(Qt.Key.Key_Down)
        window.press(Qt.Key.Key_Escape)
        await until(lambda: not window.shows("chat.modelPicker.popover"))
        assert window.parts.settings.current.model is None
        del popover


async def test_a_provider_without_key_leads_to_the_settings(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        window.click("chat.modelPicker")
        rows = window.find(QListView, "chat.modelPicker.list")
        names = [rows.model().index(row, 0).data() for row in range(rows.model().rowCount())]
        index = rows.model().index(names.index("OpenAI"), 0)
        QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=rows.visualRect(index).center())
        assert window.window.current_page == "settings"


async def test_conversations_are_opened_renamed_deleted_and_brought_back(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.ask("First")
        await window.answered()
        QTest.keyClick(window.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        assert window.parts.view_model.conversation is None
        await window.ask("Second")
        await window.answered()
        view = window.page.sidebar.view
        rows = window.parts.view_model.history.model
        first, second = (row.conversation_id for row in rows.rows if row.title in {"Second", "First"})
        first, second = second, first
        QTest.mouseClick(
            view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(rows.index_of(first)).center()
        )
        await until(lambda: window.parts.view_model.title == "First")
        assert window.composer.hasFocus()
        window.press(Qt.Key.Key_F2)
        await until(lambda: window.shows("chat.conversations.rename"), "the editor")
        editor = window.find(QLineEdit, "chat.conversations.rename")
        assert editor.text() == "First"
        QTest.keyClicks(editor, "Renamed")
        QTest.keyClick(editor, Qt.Key.Key_Return)
        await until(lambda: window.parts.view_model.title == "Renamed")
        view.setFocus(Qt.FocusReason.TabFocusReason)
        view.setCurrentIndex(rows.index_of(first))
        QTest.keyClick(view, Qt.Key.Key_Delete)
        await until(lambda: window.window.toasts.toasts, "the toast")
        assert window.window.toasts.toasts[0].message.text == "“Renamed” deleted"
        assert [row.title for row in rows.rows] == ["Today", "Second"]
        assert window.parts.view_model.conversation is None
        window.click("shell.toast.action")
        await until(lambda: window.parts.view_model.title == "Renamed", "it is back, and shown")
        assert second is not None
        view.setCurrentIndex(rows.index_of(second))
        QTest.keyClick(view, Qt.Key.Key_Delete)
        await until(lambda: window.window.toasts.toasts)
        window.click("shell.toast.close")
        await until(lambda: not window.window.toasts.toasts)


async def test_a_toast_stays_off_what_is_written_with_as_that_grows(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.ask("Hello there")
        await window.answered()
        toast = window.window.show_toast(ToastMessage("Something is done"))
        (tmp_path / "notes.txt").write_text("Foxes are small.\n")
        window.parts.view_model.attaching.add_paths([tmp_path / "notes.txt", tmp_path / "gone.txt"])
        await until(lambda: window.shows("chat.notice"), "what is said of the file that is not there")
        notice = window.find(QLabel, "chat.notice")
        await until(lambda: _place(toast).bottom() < _place(notice).top(), "the toast's place")


def _place(widget: QWidget) -> QRect:
    return QRect(widget.mapToGlobal(QPoint(0, 0)), widget.size())


async def test_no_model_at_all_is_said_calmly(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.ask("First")
        await window.answered()
        window.parts.model.gone = True
        await window.parts.providers.refresh("builtin")
        await until(lambda: window.shows("chat.noModel"))
        window.click("chat.noModel.action")
        assert window.window.current_page == "settings"


async def test_everything_a_person_can_use_has_a_name(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.ask("First")
        await window.answered()
        for name in (
            "chat.newChat",
            "chat.search",
            "chat.conversations",
            "chat.transcript",
            "chat.composer",
            "chat.modelPicker",
            "chat.send",
        ):
            assert window.find(QWidget, name).accessibleName(), name


async def test_the_transcript_is_loaded_with_the_first_conversation(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        assert window.page.findChild(QWidget, "chat.transcript") is None


async def test_the_width_of_the_sidebar_is_kept(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        window.parts.view_model.keep_sidebar_width(300)
    async with opened(tmp_path) as window:
        assert window.parts.view_model.sidebar_width == 300
        assert window.page.sidebar.width() == 299


async def test_the_title_is_seen_in_the_smallest_window_and_the_figures_where_there_is_room(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as window:
        await window.ask("What is a hash map, and when is one worth it?")
        await window.answered()
        title = window.find(QLabel, "chat.title")
        facts = window.find(QLabel, "chat.facts")
        await until(lambda: "13 tokens" in facts.text())
        window.window.resize(880, 560)
        await until(lambda: not facts.isVisible(), "the figures give way")
        QApplication.processEvents()
        assert title.width() > 100
        window.window.resize(1280, 800)
        await until(facts.isVisible, "the figures are back")
