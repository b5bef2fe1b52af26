"""A model file dropped onto the models tab from another program, and asked something in the chat."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl

from aiproxy_desktop.core.providers.builtin.local_models import default_model
from aiproxy_desktop.ui.chat.page import ChatPage
from tests.ui.dragging import dragged_onto, xdotool
from tests.ui.models_world import models_tab
from tests.waiting import until

SMOL = "SmolLM2 135M"


async def test_a_dropped_model_is_chatted_with(
    aiproxy_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bundled = default_model()
    assert bundled is not None
    path = tmp_path / "my-model.gguf"
    shutil.copy(bundled.path, path)
    async with models_tab(aiproxy_home, monkeypatch, {}) as models:
        person = models.person
        await models.shows(SMOL)
        async with dragged_onto(models.page, QUrl.fromLocalFile(str(path)).toString()) as source:
            await until(lambda: person.reads("Drop it here to run it on this computer"))
            await xdotool("mouseup", 1)
            assert await asyncio.wait_for(source.readline(), 30) == b"dropped CopyAction\n"
        await models.shows("my-model", SMOL)
        assert models.text("my-model", "quantization") == "Q4_1"
        await models.click("my-model")
        await person.click("models.details.chat")
        await until(lambda: person.window.current_page == "chat")
        await person.write("What is the capital of France?")
        await person.press("Return")
        page = person.window.page("chat")
        assert isinstance(page, ChatPage)
        view = page.view_model
        await until(lambda: len(view.messages) == 2 and view.messages[-1].status == "complete", seconds=240)
        answer = view.messages[-1]
        assert answer.model == "builtin:my-model"
        assert answer.text.strip()
