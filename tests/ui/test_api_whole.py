"""The page, the service and the server in one process, and a program that asks."""

from __future__ import annotations

import socket
from pathlib import Path

import httpx
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget

from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.runtime import Runtime
from aiproxy_desktop.services.local_api.log import RequestLog
from aiproxy_desktop.services.local_api.service import LocalApiService
from aiproxy_desktop.serving import Hosted
from aiproxy_desktop.storage.paths import AppPaths
from aiproxy_desktop.ui.settings.api.log_table import LogTable
from aiproxy_desktop.ui.settings.api.page import ApiPage
from aiproxy_desktop.ui.settings.api.viewmodel import ApiViewModel
from tests.api_parts import hello, streamed
from tests.dialects import OPENAI
from tests.ui.chat_parts import themes
from tests.waiting import until
from tests.wire import ByteServer, Exchange, Reply


def _service(exchange: Exchange) -> Reply:
    return Reply.json(OPENAI.models) if exchange.method == "GET" else streamed(OPENAI, ["Hel", "lo"])


async def test_a_program_is_answered_and_listed(tmp_path: Path) -> None:
    async with ByteServer(_service) as upstream:
        environ = {"OLLAMA_HOST": "127.0.0.1:1", "OPENAI_BASE_URL": f"{upstream.url}/v1"}
        paths = AppPaths.resolve(str(tmp_path), environ)
        paths.ensure()
        window = Runtime.build(paths, environ, Redactor())
        await window.providers.start()
        await window.providers.set_key("openai", "sk-test-0123456789abcdef")
        log, unexpected = RequestLog(), list[Exception]()
        hosted = Hosted(paths, environ, window, log)
        service = LocalApiService(window.settings, window.keys, hosted, log, unexpected.append)
        view_model = ApiViewModel(service, window.providers, window.keys, lambda: "", unexpected.append)
        page = ApiPage(view_model, themes(), lambda _url: None)
        try:
            service.start()
            page.resize(900, 700)
            page.show()
            await _walk(page, view_model, service)
        finally:
            page.close()
            page.deleteLater()
            await view_model.close()
            view_model.deleteLater()
            await service.close()
            await window.aclose()
        assert unexpected == []


async def _walk(page: ApiPage, view_model: ApiViewModel, service: LocalApiService) -> None:
    # Another program has the port that was meant.
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        view_model.save_address("127.0.0.1", str(taken.getsockname()[1]))
        _press(page, "settings.api.enabled")
        await until(lambda: view_model.status.phase == "failed", "the sentence")
        assert "is taken by another program" in view_model.line.text
    _press(page, "settings.api.tryAgain")
    await until(lambda: view_model.status.phase == "on", "on")
    first = view_model.secret
    async with httpx.AsyncClient(base_url=view_model.url, timeout=60, trust_env=False) as http:
        named = {"Authorization": f"Bearer {first}", "X-App": "notes"}
        answer = await http.post("/v1/chat/completions", json=hello(model="openai:m"), headers=named)
        assert answer.status_code == 200, answer.text
        page.show_part("requests")
        table = page.findChild(LogTable)
        assert table is not None
        await until(lambda: table.rows and table.rows[0].status == "Done", "its line")
        assert (table.rows[0].client, table.rows[0].asked) == ("notes", "openai:m")

        # Whoever has the old token is refused at once.
        view_model.replace_token()
        await until(lambda: view_model.secret != first, "another token")

        async def refused() -> bool:
            return (await http.get("/v1/models", headers=named)).status_code == 401

        while not await refused():
            assert view_model.status.phase == "on"
        renewed = {"Authorization": f"Bearer {view_model.secret}"}
        assert (await http.get("/v1/models", headers=renewed)).status_code == 200
    _press(page, "settings.api.enabled")
    await until(lambda: view_model.status.phase == "off", "off")
    assert service.settings.enabled is False


def _press(page: ApiPage, name: str) -> None:
    found = page.findChildren(QAbstractButton, name)
    button: QWidget = next(one for one in found if one.isVisible())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
