from __future__ import annotations

import subprocess
import sys

import pytest

FOREIGN = (
    "httpx",
    "openai",
    "google.genai",
    "anthropic",
    "PySide6",
    "numpy",
    "keyring",
    "sqlite3",
    "xllamacpp",
)


def modules_after(statement: str) -> set[str]:
    """What a fresh interpreter has loaded after a statement, over what it had before."""
    script = f"import sys\nbefore = set(sys.modules)\n{statement}\nprint(*set(sys.modules) - before)"
    return set(subprocess.check_output([sys.executable, "-c", script], text=True).split())


def test_importing_the_core_loads_nothing_of_it() -> None:
    loaded = modules_after("import aiproxy_desktop.core")
    assert {name for name in loaded if name.startswith("aiproxy_desktop")} == {
        "aiproxy_desktop",
        "aiproxy_desktop.core",
    }
    assert loaded.isdisjoint(
        {"asyncio", "dataclasses", "inspect", "json", "logging", "msgspec", "ssl", "socket"}
    )


@pytest.mark.parametrize(
    "statement",
    [
        "import aiproxy_desktop.core",
        "from aiproxy_desktop.core import *",
        "from aiproxy_desktop.core import CompletionClient; CompletionClient()",
    ],
)
def test_nothing_heavy_is_loaded_before_a_call(statement: str) -> None:
    assert modules_after(statement).isdisjoint(FOREIGN)


def test_the_names_do_not_load_asyncio() -> None:
    assert "asyncio" not in modules_after("from aiproxy_desktop.core import *")


def test_every_exported_name_is_there() -> None:
    script = "import aiproxy_desktop.core as core; print(*(hasattr(core, name) for name in core.__all__))"
    assert set(subprocess.check_output([sys.executable, "-c", script], text=True).split()) == {"True"}


def test_a_name_that_is_not_exported_is_missed_as_usual() -> None:
    script = "import aiproxy_desktop.core as core; print(hasattr(core, 'nothing'))"
    assert subprocess.check_output([sys.executable, "-c", script], text=True) == "False\n"
