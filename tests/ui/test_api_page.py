from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, QPoint, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QScrollBar,
    QTableView,
    QWidget,
)

from aiproxy_desktop.core.client_context import ClientContext
from aiproxy_desktop.storage.api_settings import ApiSettings
from aiproxy_desktop.ui.settings.api.log_table import ROW, LogTable
from aiproxy_desktop.ui.settings.api.page import ApiPage
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.segmented import _Segment
from aiproxy_desktop.ui.widgets.switch import Switch
from tests.played_runner import PlayedRunner
from tests.ui.api_page_parts import ApiScreen, api_screen, ended
from tests.waiting import until

ENTER, SPACE, ESCAPE = Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_Escape
TAB = Qt.FocusReason.TabFocusReason


class Browser(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.opened.append(url.toString())


@pytest.fixture
def browser() -> Iterator[Browser]:
    browser = Browser()
    QDesktopServices.setUrlHandler("http", browser, "open")  # type: ignore[arg-type]  # it takes text
    yield browser
    QDesktopServices.unsetUrlHandler("http")


async def switched_on(page: ApiScreen) -> None:
    page.click("settings.api.enabled")
    await until(lambda: page.sees("settings.api.copyBase"), "its address")


def pressed(page: ApiScreen, line: int) -> None:
    table = page.find("settings.api.log", QTableView)
    place = QPoint(100, table.rowViewportPosition(line) + ROW // 2)
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)


async def test_it_is_switched_on_and_off(tmp_path: Path, browser: Browser) -> None:
    runner = PlayedRunner()
    async with api_screen(tmp_path, runner) as page:
        assert page.says("Off. No other program can ask anything.")
        await switched_on(page)
        assert page.says("On, for this computer alone")
        page.click("settings.api.copyBase")
        assert page.clipboard() == "http://127.0.0.1:8000/v1"
        page.click("settings.api.demo")
        assert browser.opened == ["http://127.0.0.1:8000/demo"]
        page.click("settings.api.enabled")
        await until(lambda: page.says("Off. No other program can ask anything."), "off")
        assert not page.sees("settings.api.copyBase")
        assert runner.kinds() == ["start", "stop"]


async def test_the_token_is_shown_copied_and_replaced(tmp_path: Path) -> None:
    async with api_screen(tmp_path, PlayedRunner()) as page:
        secret = page.view_model.secret
        assert not page.says(secret)
        assert page.says(f"•••••••• {secret[-4:]}")
        assert page.says("No keyring keeps it")
        page.click("settings.api.token.show")
        assert page.says(secret)
        page.click("settings.api.token.copy")
        assert page.clipboard() == secret
        assert QGuiApplication.clipboard().mimeData().data("x-kde-passwordManagerHint") == b"secret"
        # The keyboard goes along with what takes the place of what it was on.
        replace = page.find("settings.api.token.replace", Button)
        replace.setFocus(TAB)
        QTest.keyClick(replace, ENTER)
        keep = page.find("settings.api.token.keep", Button)
        assert keep.hasFocus()
        assert keep.keyboard_focus
        QTest.keyClick(keep, ESCAPE)
        assert page.find("settings.api.token.replace", Button).hasFocus()
        assert page.view_model.secret == secret
        page.click("settings.api.token.replace")
        page.click("settings.api.token.confirm")
        await until(lambda: page.view_model.secret != secret, "another token")
        assert page.says(page.view_model.secret)
        # Out of sight it is hidden again.
        page.click("settings.nav.about")
        page.click("settings.nav.api")
        assert not page.says(page.view_model.secret)


async def test_pieces_of_code_have_the_token_only_when_copied(tmp_path: Path) -> None:
    async with api_screen(tmp_path, PlayedRunner()) as page:

        async def two_further() -> None:
            page.click("settings.api.program")
            await until(lambda: page.sees("settings.api.program.list"), "the programs")
            rows = page.find("settings.api.program.list", QListView)
            for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, ENTER):
                QTest.keyClick(rows, key)

        code = page.find("settings.api.snippet", QPlainTextEdit)
        assert "from openai import OpenAI" in code.toPlainText()
        await two_further()
        assert code.toPlainText().startswith("curl http://127.0.0.1:8000/v1/chat/completions")
        assert page.view_model.secret not in code.toPlainText()
        page.click("settings.api.snippetModel")
        await until(lambda: page.sees("settings.api.snippetModel.search"), "the models")
        QTest.keyClick(page.find("settings.api.snippetModel.search", QLineEdit), ENTER)
        assert "builtin:smollm2-135m" in code.toPlainText()
        page.click("settings.api.copySnippet")
        assert f"Bearer {page.view_model.secret}" in page.clipboard()
        assert not page.notices[-1].text.count(page.view_model.secret)
        # Where a piece names no model there is none to choose.
        await two_further()
        assert code.toPlainText().startswith("export OPENAI_BASE_URL=http://127.0.0.1:8000/v1")
        assert not page.sees("settings.api.snippetModel")


async def test_a_port_that_is_taken_leads_to_another(tmp_path: Path) -> None:
    runner = PlayedRunner()
    async with api_screen(tmp_path, runner) as page:
        runner.taken.add(8000)
        page.click("settings.api.enabled")
        await until(lambda: page.says("Port 8000 is taken by another program."), "the sentence")
        assert page.says("choose another port, such as 8001.")
        page.click("settings.api.changeAddress")
        port = page.find("settings.api.port", QLineEdit)
        assert port.hasFocus()
        assert port.selectedText() == "8000"
        save = page.find("settings.api.saveAddress", Button)
        assert not save.isEnabled()
        QTest.keyClicks(port, "80000")
        QTest.keyClick(port, ENTER)
        assert page.says("“80000” is not a port. Write a number from 1 to 65535, such as 8000.")
        page.write("settings.api.port", "8001")
        QTest.keyClick(port, ENTER)
        await until(lambda: page.says("http://127.0.0.1:8001/v1"), "its address")
        assert page.api.port == 8001
        assert not save.isEnabled()


async def test_other_machines_come_in_by_a_switch_alone(tmp_path: Path) -> None:
    async with api_screen(tmp_path, PlayedRunner()) as page:
        page.click("settings.api.part.access")
        page.write("settings.api.host", "0.0.0.0")
        page.click("settings.api.saveAddress")
        assert page.says("Let them in first, with the switch below.")
        assert page.api == ApiSettings()
        page.click("settings.api.expose")
        await until(lambda: page.api.expose, "open")
        assert page.api.host == "0.0.0.0"
        assert page.says("what is said travels unencrypted")
        assert not page.says("http://[")  # which does not listen over IPv6
        page.click("settings.api.expose")
        await until(lambda: not page.api.expose, "closed")
        assert page.api.host == "127.0.0.1"
        assert page.find("settings.api.host", QLineEdit).text() == "127.0.0.1"


async def test_who_is_answered_is_kept_exactly(tmp_path: Path) -> None:
    async with api_screen(tmp_path, PlayedRunner()) as page:
        page.click("settings.api.part.access")
        save = page.find("settings.api.saveAccess", Button)
        assert not save.isEnabled()
        page.write("settings.api.hosts", "https://Desk.LAN:8000/")
        page.write("settings.api.origins", "*")
        page.click("settings.api.saveAccess")
        assert page.says("“*” would let in any origin. Name each origin by itself.")
        assert page.find("settings.api.origins", QPlainTextEdit).hasFocus()
        assert page.api == ApiSettings()
        page.write("settings.api.origins", "https://notes.example, app://obsidian.md")
        page.click("settings.api.saveAccess")
        await until(lambda: page.api.hosts, "the hosts")
        assert page.api.hosts == ("desk.lan:8000",)
        assert page.api.origins == ("https://notes.example", "app://obsidian.md")
        assert page.find("settings.api.hosts", QPlainTextEdit).toPlainText() == "desk.lan:8000"
        assert not save.isEnabled()
        page.write("settings.api.proxies", "10.0.0.0/8")
        page.click("settings.api.discardAccess")
        assert page.find("settings.api.proxies", QPlainTextEdit).toPlainText() == "127.0.0.1\n::1"


async def test_a_name_stands_for_a_model_until_it_is_removed(tmp_path: Path) -> None:
    async with api_screen(tmp_path, PlayedRunner()) as page:
        page.click("settings.api.part.models")
        page.write("settings.api.alias.name", "gpt-4o")
        page.click("settings.api.alias.add")
        assert page.says("Choose the model that it stands for.")
        page.click("settings.api.alias.model")
        await until(lambda: page.sees("settings.api.alias.model.search"), "the models")
        QTest.keyClicks(page.find("settings.api.alias.model.search", QLineEdit), "smol")
        QTest.keyClick(page.find("settings.api.alias.model.search", QLineEdit), ENTER)
        page.click("settings.api.alias.add")
        await until(lambda: page.sees("settings.api.alias.gpt-4o.remove"), "its row")
        ((name, model),) = page.view_model.aliases
        assert name == "gpt-4o"
        assert model.startswith("builtin:")
        assert page.find("settings.api.alias.name", QLineEdit).text() == ""
        assert '"gpt-4o"' in page.view_model.snippet("python")
        page.click("settings.api.alias.gpt-4o.remove")
        await until(lambda: not page.api.aliases, "gone")
        undo = page.notices[-1].undo
        assert undo is not None
        undo()
        await until(lambda: page.api.aliases == {"gpt-4o": model}, "back")


async def test_only_chosen_models_are_offered(tmp_path: Path) -> None:
    async with api_screen(tmp_path, PlayedRunner()) as page:
        page.click("settings.api.part.models")
        page.click("settings.api.which.chosen")
        await until(lambda: page.says("No model is offered yet: every request is refused."), "the warning")
        rows = page.find("settings.api.offered.list", QListView)
        rows.setFocus(TAB)
        QTest.keyClick(rows, SPACE)
        await until(lambda: page.says("1 model is offered."), "a tick")
        (reference,) = page.api.offered
        assert page.view_model.usual_model == reference
        assert "offered" in rows.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
        QTest.mouseClick(
            rows.viewport(), Qt.MouseButton.LeftButton, pos=rows.visualRect(rows.currentIndex()).center()
        )
        await until(lambda: page.api.offered == (), "no tick")
        page.write("settings.api.offered.search", "no such model")
        assert page.says("No model matches")
        # One that nobody lists any more can still be seen, and let go.
        page.write("settings.api.offered.search", " ")
        page.view_model.set_offered("gone:model", on=True)
        await until(lambda: rows.model().rowCount() == 2, "its row")
        page.click("settings.api.which.all")
        await until(lambda: not page.sees("settings.api.offered.list"), "all")
        assert reference.startswith("builtin:")


async def test_requests_are_listed_as_they_come(tmp_path: Path) -> None:
    async with api_screen(tmp_path, PlayedRunner()) as page:
        page.click("settings.api.part.requests")
        assert page.says("Nothing was asked yet")
        page.click("settings.api.log.empty.on")
        await until(lambda: page.says("it is listed here at once"), "what to do")
        seed = ClientContext(app="caringmind", client_id="10.0.0.9", device="cli", ip="10.0.0.9")
        page.asked(seed, **ended())
        running = page.asked(ClientContext(client_id="192.0.2.7"), model="openai:gpt-5")
        await until(lambda: page.sees("settings.api.log"), "the list")
        table = page.find("settings.api.log", LogTable)
        await until(lambda: len(table.rows) == 2, "both")
        assert page.says("1 request is running.")
        newest, first = table.rows
        assert (newest.client, newest.status, newest.tokens, newest.cost) == ("192.0.2.7", "Running", "", "")
        assert (first.client, first.asked, first.tokens) == ("caringmind", "openai:gpt-5-mini", "1,204 / 310")
        assert (first.cost, first.took, first.status) == ("$0.0031", "2.4 s", "Done")

        # What is chosen stays chosen, however many come.
        pressed(page, 1)
        assert page.says("Request 1")
        await until(lambda: page.says("cli"), "its details")
        assert page.says("POST /v1/chat/completions")
        details = page.find("settings.api.request", QWidget)
        page.log.note(running, model="m" * 300, error="There is no model " + "m" * 300)
        pressed(page, 0)
        await until(lambda: page.says("There is no model"), "the other's details")
        assert details.minimumSizeHint().width() < details.width()
        pressed(page, 1)
        page.log.note(running, status=502, seconds=0.2, error="The provider failed. Try again later.")
        for _ in range(600):
            page.asked(ClientContext(app="flood"), model="m", status=499, seconds=0.01)
        await until(lambda: table.rows[0].number == 602, "the flood")
        assert table.rows[0].status == "Client left"
        assert len(table.rows) == 500
        assert not page.sees("settings.api.request")  # it is no longer kept
        pressed(page, 0)
        assert page.says("Request 602")
        page.asked(ClientContext(), model="m", status=502, seconds=0.2, error="The provider failed.")
        await until(lambda: table.rows[0].number == 603, "one more")
        assert page.says("Request 602")
        assert table.currentIndex().row() == 1
        assert table.rows[0].status == "Failed, 502"
        QTest.keyClick(table, Qt.Key.Key_Up)
        await until(lambda: page.says("The provider failed."), "its problem")
        # Of those that are refused, older ones go from the middle.
        facts: Any = {"status": 401, "seconds": 0.0, "error": "The token is missing or wrong."}
        for _ in range(60):
            page.log.refused(ClientContext(app="stranger"), "127.0.0.1", "GET", "/v1/models", **facts)
        await until(lambda: table.rows[0].number == 663, "the refused ones")
        page.log.refused(ClientContext(app="stranger"), "127.0.0.1", "GET", "/v1/models", **facts)
        await until(lambda: table.rows[0].number == 664, "one more of them")
        assert [row.number for row in table.rows[48:52]] == [616, 615, 603, 602]
        assert table.rows[0].status == "Refused, 401"
        assert page.says("The provider failed.")
        assert table.currentIndex().row() == 50
        QTest.keyClick(table, ESCAPE)
        assert not page.sees("settings.api.request")
        page.click("settings.api.log.clear")
        await until(lambda: page.says("Nothing was asked yet"), "empty")


async def test_the_command_palette_knows_it(tmp_path: Path) -> None:
    async with api_screen(tmp_path, PlayedRunner()) as page:

        def act(action_id: str) -> None:
            found = next(one for one in page.window.actions_here() if one.id == action_id)
            assert found.enabled()
            found.run()

        page.click("settings.nav.about")
        act("api.switch")
        await until(lambda: page.service.status.phase == "on", "on")
        act("api.copyBase")
        assert page.clipboard() == "http://127.0.0.1:8000/v1"
        act("api.requests")
        assert page.says("Nothing was asked yet")
        act("api.switch")
        await until(lambda: page.service.status.phase == "off", "off")


async def test_everything_can_be_reached_and_has_a_name(tmp_path: Path) -> None:
    async with api_screen(tmp_path, PlayedRunner()) as page:
        await switched_on(page)
        page.view_model.set_only_offered(True)
        page.view_model.add_alias("gpt-4o", "openai:gpt-5")
        await until(lambda: page.api.only_offered and page.api.aliases, "both are kept")
        page.asked(ClientContext(app="a"), **ended())
        page.window.resize(880, 560)
        inner = page.find("settings.api", ApiPage).widget()
        assert inner is not None
        for part in ("connect", "access", "models", "requests"):
            page.click(f"settings.api.part.{part}")
            if part == "requests":
                await until(lambda: page.sees("settings.api.log"), "the list")
                assert page.find("settings.api.log", LogTable).columnWidth(2) > 100  # names can be read
                pressed(page, 0)
            stops = [widget for widget in page.window.findChildren(QWidget) if _is_stop(widget)]
            for widget in stops:
                assert widget.objectName(), widget
                assert widget.accessibleName(), widget.objectName()
            # Tab comes to all of them, downwards; of a choice of few it comes to the one in force.
            page.find("settings.api.enabled", Switch).setFocus(TAB)
            reached: dict[str, int] = {}
            for _ in stops:
                focused = QApplication.focusWidget()
                assert focused is not None
                if inner.isAncestorOf(focused):
                    middle = focused.mapTo(inner, focused.rect().center()).y()
                    assert middle > max(reached.values(), default=0) - ROW, (focused.objectName(), reached)
                    assert not focused.visibleRegion().isEmpty(), focused.objectName()
                    reached[focused.objectName()] = middle
                elif reached:
                    break
                QTest.keyClick(focused, Qt.Key.Key_Tab)
            wanted = {widget.objectName() for widget in stops if not isinstance(widget, _Segment)}
            assert {name for name in wanted - reached.keys() if name.startswith("settings.api.")} == set()


def _is_stop(widget: QWidget) -> bool:
    focusable = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible() and widget.isEnabled()
    return bool(focusable) and not isinstance(widget, QScrollBar)
