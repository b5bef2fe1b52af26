from __future__ import annotations

from pathlib import Path

import pytest

from aiproxy_desktop.storage.first_look import FirstLook, first_look


@pytest.mark.parametrize("width", ["-5", "0", "1000000000000", "true", "3.5", '"3"'])
def test_a_width_that_no_sidebar_has_is_the_default(tmp_path: Path, width: str) -> None:
    file = tmp_path / "settings.json"
    file.write_text('{"theme": "dark", "sidebar_width": ' + width + "}")
    assert first_look(file) == FirstLook("dark")
