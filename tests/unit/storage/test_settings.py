from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.settings import Endpoint, Settings, SettingsStore

HOME_SERVER = Endpoint(id="home-server", name="home-server", base_url="http://192.168.1.20:8000/v1")
CHANGED = Settings(
    theme="dark",
    ollama_host="http://studio:11434",
    endpoints=(HOME_SERVER,),
    model="home-server:llama3.2:3b",
    model_files=("/models/a b.gguf",),
    window_geometry="AdnQywAD",
    sidebar_width=300,
)


@pytest.fixture
def store(tmp_path: Path) -> SettingsStore:
    return SettingsStore(tmp_path / "settings.json")


def test_without_a_file_everything_has_its_default(store: SettingsStore) -> None:
    loaded = store.load()
    assert (loaded.settings, loaded.notice) == (Settings(), "")
    assert not store.path.exists()


def test_what_was_saved_is_loaded_and_only_its_owner_may_read_it(store: SettingsStore) -> None:
    store.path.write_text("{}")
    store.path.chmod(0o644)
    store.save(CHANGED)

    loaded = SettingsStore(store.path).load()

    assert (loaded.settings, loaded.notice) == (CHANGED, "")
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert [item.name for item in store.path.parent.iterdir()] == ["settings.json"]


def test_fields_of_a_newer_version_survive(store: SettingsStore) -> None:
    store.path.write_text('{"version": 1, "theme": "light", "later": {"talk": "Space"}}')
    loaded = store.load()
    assert (loaded.settings, loaded.notice) == (Settings(theme="light"), "")

    store.save(CHANGED)

    written = json.loads(store.path.read_text())
    assert written["later"] == {"talk": "Space"}
    assert written["theme"] == "dark"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe{}",
        b'{"theme": "dark"}}',
        b"\0" * 100,
        b"[" * 100_000,
        b'{"a": ' + b"[" * 100_000,
        b'{"theme": "dark", "a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b"1" * 5_000_000,
    ],
)
def test_a_broken_file_is_kept_aside_and_said_so(store: SettingsStore, content: bytes) -> None:
    store.path.write_bytes(content)

    loaded = store.load()

    aside = store.path.with_name("settings.broken.json")
    assert loaded.settings == Settings()
    assert str(aside) in loaded.notice
    assert aside.read_bytes() == content[: aside.stat().st_size]
    assert store.path.read_bytes() == content
    store.save(CHANGED)
    assert SettingsStore(store.path).load().settings == CHANGED


def test_one_unusable_value_does_not_cost_the_others(store: SettingsStore) -> None:
    store.path.write_text(
        '{"theme": "blue", "sidebar_width": 300, "endpoints": [{"id": "a"}], "ollama_host": "studio"}'
    )
    loaded = store.load()
    assert loaded.settings == Settings(sidebar_width=300, ollama_host="studio")
    assert "theme, endpoints" in loaded.notice
    assert store.path.with_name("settings.broken.json").exists()


@pytest.mark.parametrize("ids", [["a:b"], [""], ["a b"], ["openai"], ["home", "home"], ["x" * 100]])
def test_an_endpoint_stands_in_for_nobody_else(store: SettingsStore, ids: list[str]) -> None:
    endpoints = [{"id": name, "name": "It", "base_url": "http://127.0.0.1:9/v1"} for name in ids]
    store.path.write_text(json.dumps({"theme": "dark", "endpoints": endpoints}))
    loaded = store.load()
    assert loaded.settings == Settings(theme="dark")
    assert "endpoints" in loaded.notice


def test_a_server_with_the_id_of_an_endpoint_steps_back(store: SettingsStore) -> None:
    host = {"name": "Lab", "host": "10.0.0.5"}
    endpoint = {"id": "lab", "name": "Lab", "base_url": "http://10.0.0.4/v1"}
    hosts = [{"id": "lab", **host}, {"id": "attic", **host}]
    store.path.write_text(json.dumps({"theme": "dark", "endpoints": [endpoint], "ollama_hosts": hosts}))
    loaded = store.load()
    assert loaded.settings.theme == "dark"
    assert [one.id for one in loaded.settings.endpoints] == ["lab"]
    assert [one.id for one in loaded.settings.ollama_hosts] == ["attic"]
    assert "ollama_hosts" in loaded.notice
    assert store.path.with_name("settings.broken.json").exists()


@pytest.mark.parametrize(
    "odd",
    [
        {"image_options": {"size": [1024]}},
        {"image_options": ["size"]},
        {"image_options": {f"o{number}": 1 for number in range(41)}},
        {"image_model": "x" * 401},
        {"image_model": None},
    ],
)
def test_an_image_model_or_options_that_are_none_are_the_default(
    store: SettingsStore, odd: dict[str, object]
) -> None:
    sound = {"theme": "dark", "image_model": "openai:gpt-image-2", "image_options": {"size": "auto"}}
    store.path.write_text(json.dumps(sound | odd))
    loaded = store.load().settings
    assert loaded.theme == "dark"
    for name in ("image_model", "image_options"):
        assert getattr(loaded, name) == (getattr(Settings(), name) if name in odd else sound[name])


def test_a_byte_order_mark_is_no_damage(store: SettingsStore) -> None:
    store.path.write_bytes(b'\xef\xbb\xbf{"theme": "dark"}')
    assert store.load().settings.theme == "dark"


_KILLED_WHILE_SAVING = """
import os, signal, sys
from pathlib import Path
from aiproxy_desktop.storage.settings import Settings, SettingsStore

# All is written to the unfinished file, and the process dies before it takes the old one's place.
os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
SettingsStore(Path(sys.argv[1])).save(Settings(theme="light"))
"""

_NO_ROOM = """
import resource, sys
from pathlib import Path
from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.settings import Settings, SettingsStore

resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16))
try:
    SettingsStore(Path(sys.argv[1])).save(Settings(theme="light"))
except StorageError as error:
    print(error)
"""


@pytest.mark.parametrize("script", [_KILLED_WHILE_SAVING, _NO_ROOM])
def test_a_save_that_does_not_end_leaves_the_old_file(store: SettingsStore, script: str) -> None:
    store.save(CHANGED)
    before = store.path.read_bytes()

    ended = subprocess.run([sys.executable, "-c", script, str(store.path)], capture_output=True, text=True)

    assert ended.stderr == ""
    assert ended.returncode == -9 or "cannot be written" in ended.stdout
    assert store.path.read_bytes() == before
    assert SettingsStore(store.path).load().settings == CHANGED


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    store = SettingsStore(tmp_path / "gone" / "settings.json")
    assert store.load().settings == Settings()
    with pytest.raises(StorageError, match="cannot be written"):
        store.save(CHANGED)


def test_a_folder_in_the_place_of_the_file_is_told(store: SettingsStore) -> None:
    store.path.mkdir()
    with pytest.raises(StorageError, match="cannot be read"):
        store.load()
    with pytest.raises(StorageError, match="cannot be written"):
        store.save(CHANGED)
    assert [item.name for item in store.path.parent.iterdir()] == ["settings.json"]
