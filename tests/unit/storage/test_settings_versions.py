from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from aiproxy_desktop import __version__
from aiproxy_desktop.storage.api_settings import ApiSettings
from aiproxy_desktop.storage.errors import NewerSettingsError, StorageError
from aiproxy_desktop.storage.settings import Settings, SettingsStore


@pytest.fixture
def store(tmp_path: Path) -> SettingsStore:
    return SettingsStore(tmp_path / "settings.json")


def names(store: SettingsStore) -> list[str]:
    return sorted(path.name for path in store.path.parent.iterdir())


def test_a_newer_form_is_refused_and_left_alone(store: SettingsStore) -> None:
    data = '{"version": 2, "written_by": "1.2.0", "theme": {"day": "light"}}'
    store.path.write_text(data)
    with pytest.raises(NewerSettingsError, match=rf"version 1\.2\.0 .*this is {__version__}") as told:
        store.load()
    assert "Nothing was changed" in told.value.advice
    assert store.path.read_text() == data
    assert names(store) == ["settings.json"]


def test_it_says_where_the_copy_of_before_is(store: SettingsStore) -> None:
    store.path.write_text('{"version": 2, "written_by": "\\n../../etc"}')
    other = store.path.with_name("settings.json.v0.0.9.backup")
    other.touch()
    with pytest.raises(NewerSettingsError, match="a newer version") as told:
        store.load()
    assert str(other) in told.value.advice
    own = store.path.with_name(f"settings.json.v{__version__}.backup")
    own.touch()
    os.utime(own, (1, 1))
    with pytest.raises(NewerSettingsError) as told:
        store.load()
    assert str(own) in told.value.advice


@pytest.mark.parametrize("writer", ["0.0.1", "9.9.9"])
def test_what_another_version_wrote_is_kept_before_it_is_replaced(store: SettingsStore, writer: str) -> None:
    data = json.dumps({"version": 1, "written_by": writer, "api": {"port": 9000, "later": True}})
    store.path.write_text(data)
    loaded = store.load()
    assert loaded.settings.api == ApiSettings(port=9000)
    assert names(store) == ["settings.json"]

    store.save(loaded.settings)
    store.save(Settings(theme="dark"))

    copy = store.path.with_name(f"settings.json.v{writer}.backup")
    assert copy.read_text() == data
    assert copy.stat().st_mode & 0o777 == 0o600
    assert json.loads(store.path.read_text())["written_by"] == __version__


def test_what_this_version_wrote_needs_no_copy(store: SettingsStore) -> None:
    store.save(Settings(theme="dark"))
    again = SettingsStore(store.path)
    again.load()
    again.save(Settings())
    assert names(store) == ["settings.json"]


def test_only_the_newest_copies_stay(store: SettingsStore) -> None:
    for number in range(6):
        copy = store.path.with_name(f"settings.json.v0.0.{number}.backup")
        copy.touch()
        os.utime(copy, (number, number))
    store.path.write_text("{}")
    store.save(store.load().settings)
    assert names(store) == [
        "settings.json",
        *(f"settings.json.v0.0.{number}.backup" for number in (4, 5)),
        "settings.json.v0.backup",
    ]


def test_without_its_copy_the_file_is_not_replaced(store: SettingsStore) -> None:
    store.path.write_text('{"written_by": "0.0.1"}')
    loaded = store.load()
    in_the_way = store.path.with_name("settings.json.v0.0.1.backup")
    in_the_way.mkdir()
    (in_the_way / "file").touch()
    with pytest.raises(StorageError):
        store.save(loaded.settings)
    assert store.path.read_text() == '{"written_by": "0.0.1"}'
    (in_the_way / "file").unlink()
    in_the_way.rmdir()
    store.save(loaded.settings)
    assert in_the_way.is_file()
