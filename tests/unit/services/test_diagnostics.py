from __future__ import annotations

from pathlib import Path

import pytest

from aiproxy_desktop.audio.values import AudioDevice, DeviceList
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.services.components import Component, exchange_text, licence_text, read_components
from aiproxy_desktop.services.diagnostics import Installation, look_for_sound, report, told_folder
from aiproxy_desktop.services.provider_states import ProviderState
from aiproxy_desktop.services.surroundings import look_around
from aiproxy_desktop.storage.keys import KeyringStatus
from aiproxy_desktop.storage.paths import AppPaths
from aiproxy_desktop.system import display_is_remote, graphics_drivers, sound_missing

KEYRING = KeyringStatus(available=True, name="GNOME Keyring")


def test_nothing_personal_is_in_the_report(tmp_path: Path) -> None:
    redact = Redactor()
    redact.add("Anna's desk")
    devices = DeviceList((AudioDevice("Anna's headset", "input"),), ())
    states = (
        ProviderState("openai", "OpenAI", "openai", "ready", key_source="keyring", key_hint="9876"),
        ProviderState(
            "annas-server", "Anna's server", "endpoint", "unreachable", base_url="http://anna.example"
        ),
        ProviderState("annas-desk", "Desk", "ollama", "ready", base_url="http://anna.example"),
    )
    paths = AppPaths.resolve(str(Path.home() / "Anna"), {})
    found = Installation(paths, states, KEYRING, devices, (("Odd", "Anna's desk\nis\ta [place]"),))
    text = report(found, {"LANG": "de_DE.UTF-8"}, redact)
    assert "openai ready, key from the keyring; 2 added by hand (1 ready, 1 unreachable)" in text
    assert "Data folder: chosen, in the home folder\n" in text
    assert "Sound: microphones: 1, speakers: 0" in text
    assert "Odd: [redacted] is a [place]\n" in text
    for personal in ("nna", "9876", str(Path.home())):
        assert personal not in text


def test_folders_are_told_without_the_persons_name() -> None:
    home = Path("/home/anna")
    assert told_folder(AppPaths.under(home / ".local/share/x", "usual"), home) == "usual, ~/.local/share/x"
    assert told_folder(AppPaths.under(home / "Anna's", "chosen"), home) == "chosen, in the home folder"
    stick = AppPaths.under(Path("/media/anna/stick"), "portable")
    assert told_folder(stick, home) == "portable, outside the home folder"


def test_where_there_is_no_sound_it_is_said_and_every_thread_ends() -> None:
    devices = look_for_sound()
    assert devices is not None
    assert devices.problem


@pytest.mark.parametrize(
    ("display", "remote"),
    [
        (":0", False),
        ("unix:0", False),
        ("localhost:10.0", True),
        ("anna:0", True),
        ("", False),
        ("odd", False),
    ],
)
def test_a_display_of_another_computer_is_known_by_its_name(display: str, remote: bool) -> None:
    assert display_is_remote({"DISPLAY": display}) is remote


def test_a_sound_server_is_seen_by_its_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aiproxy_desktop.system.sound_cards", tuple)
    assert sound_missing({})
    assert sound_missing({"XDG_RUNTIME_DIR": str(tmp_path)})
    assert not sound_missing({"PULSE_SERVER": "tcp:elsewhere"})
    (tmp_path / "pipewire-0").touch()
    assert not sound_missing({"XDG_RUNTIME_DIR": str(tmp_path)})


def test_what_is_missing_is_told_in_one_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aiproxy_desktop.services.surroundings.sound_missing", lambda _environ: True)
    found = look_around(KeyringStatus(available=False, reason="There is none."), "xcb", {"DISPLAY": "far:0"})
    assert found.lacks == ("keyring", "sound", "remote")
    assert found.untold == ("sound", "remote")
    assert look_around(KEYRING, "wayland", {"DISPLAY": "far:0"}).lacks == ("sound",)


def test_graphics_drivers_are_those_the_kernel_names(tmp_path: Path) -> None:
    card = tmp_path / "sys/class/drm/card0/device"
    card.mkdir(parents=True)
    (card / "uevent").write_text("DRIVER=i915\nPCI_ID=8086:9A49\n")
    assert graphics_drivers(tmp_path) == ("i915",)
    assert graphics_drivers(tmp_path / "none") == ()


@pytest.mark.parametrize("content", ["", "[]", "{}", '[{"licence": "MIT"}]', "[1]", '[{"name": 1}]', "\0"])
def test_a_list_that_is_none_leaves_what_is_known(tmp_path: Path, content: str) -> None:
    (tmp_path / "components.json").write_text(content)
    assert "Qt for Python" in {one.name for one in read_components(tmp_path)}


def test_a_text_outside_the_folder_is_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "licences"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "components.json").write_text(
        '[{"name": "b", "text": null}, {"name": "A", "text": "../secret.txt"}]'
    )
    components = read_components(folder)
    assert [one.name for one in components] == ["b", "A"]
    assert [licence_text(one, folder) for one in components] == ["", ""]
    assert licence_text(Component("x", "", "", text="/etc/passwd"), folder) == ""
    assert exchange_text(folder) == ""
