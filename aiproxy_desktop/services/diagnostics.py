"""Facts about this installation for whoever is asked for help: no key, no text, no person's name. No Qt."""

from __future__ import annotations

import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from aiproxy_desktop import __version__
from aiproxy_desktop.audio.values import DeviceList
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.services.provider_states import ProviderState
from aiproxy_desktop.storage.keys import KeyringStatus
from aiproxy_desktop.storage.paths import AppPaths
from aiproxy_desktop.system import (
    appimage,
    flatpak_id,
    frozen_folder,
    graphics_drivers,
    memory_available,
    memory_total,
    physical_cores,
    system_name,
)

if TYPE_CHECKING:  # the start of the application needs none of what is imported further down
    from aiproxy_desktop.audio.sound_system import AudioSystem

# Name and value, in the order they are told. In English: they are for whoever mends it.
Facts: TypeAlias = Sequence[tuple[str, str]]

_PACKAGES = (
    "pyside6-essentials",
    "qasync",
    "httpx",
    "keyring",
    "xllamacpp",
    "pyaudio",
    "pillow",
    "cryptography",
)
# Set by desktops, and harmless. What they hold is bounded and must be plain.
_DESKTOP = ("XDG_CURRENT_DESKTOP", "XDG_SESSION_TYPE")
_GIGABYTE = 1_000_000_000
_SOUND_SECONDS = 3.0
_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Installation:
    """What was learned about it, to be written down by `report`.

    `window` are facts that only the window knows, `devices` is None where the sound system did not answer.
    """

    paths: AppPaths
    providers: tuple[ProviderState, ...]
    keyring: KeyringStatus
    devices: DeviceList | None
    window: tuple[tuple[str, str], ...] = ()
    local_api: bool = False


def run_facts() -> dict[str, str]:
    """What a crash report tells of the run that crashed."""
    return {
        "Version": f"{__version__}, {installed_as(os.environ)}",
        "System": system_name(),
        "Python": sys.version.split()[0],
        # Where there is a window it is loaded, and knows.
        "Qt for Python": getattr(sys.modules.get("PySide6"), "__version__", "none"),
    }


def report(found: Installation, environ: Mapping[str, str], redact: Redactor) -> str:
    """All of it as text, to be copied; bounded, in plain words, with the person's folder called `~`."""
    groups: list[tuple[str, Facts]] = [
        ("AI Proxy Desktop", _of_application(found, environ)),
        ("System", _of_system(environ)),
        ("Window", found.window),
        ("Services", _of_services(found)),
        ("Packages", [(name, _version(name)) for name in _PACKAGES]),
    ]
    lines = []
    for title, facts in groups:
        lines.append(f"[{title}]")
        lines += [f"{name}: {_plain(value)}" for name, value in facts if value]
        lines.append("")
    return redact("\n".join(lines).rstrip() + "\n")[:_MOST]


def installed_as(environ: Mapping[str, str]) -> str:
    """The form this installation has."""
    folder = frozen_folder()
    if folder is None:
        return "run by an installed Python"
    if flatpak_id() is not None:
        return "Flatpak"
    if appimage(environ) is not None:
        return "AppImage"
    if folder.is_relative_to("/usr"):
        return "package of the system"
    return "application folder"


def told_folder(paths: AppPaths, home: Path | None = None) -> str:
    """The data folder as it can be told: one that a person chose bears names of theirs, and is not named."""
    try:
        home = home or Path.home()
    except RuntimeError:  # there is none
        return paths.form
    if not paths.data.is_relative_to(home):
        return f"{paths.form}, outside the home folder"
    if paths.form != "usual":
        return f"{paths.form}, in the home folder"
    return f"{paths.form}, {Path('~') / paths.data.relative_to(home)}"


def look_for_sound(make: Callable[[], AudioSystem] | None = None) -> DeviceList | None:
    """The devices there are, looked for once; blocks for some seconds where the system does not answer.

    Args:
        make: the sound system; by default the real one.

    Returns:
        None where nothing was heard of them.
    """
    from aiproxy_desktop.audio.sound_system import AudioSystem

    system, told = (make or AudioSystem)(), threading.Event()
    forget = system.devices_changed(lambda _devices: told.set())
    try:
        system.start()
        return system.devices if told.wait(_SOUND_SECONDS) else None
    finally:
        forget()
        system.close()


def providers_line(states: Iterable[ProviderState]) -> str:
    """Which are set up; those that a person added are only counted, for their names are the person's."""
    own: Counter[str] = Counter()
    lines = []
    for state in states:
        told = state.status.replace("_", " ")
        if state.kind in {"endpoint", "plugin"} or (state.kind == "ollama" and state.id != "ollama"):
            own[told] += 1
            continue
        key = f", key from the {state.key_source}" if state.key_source else ""
        models = f", models: {len(state.models)}" if state.models else ""
        lines.append(f"{state.id} {told}{key}{models}")
    if own:
        each = ", ".join(f"{count} {told}" for told, count in sorted(own.items()))
        lines.append(f"{own.total()} added by hand ({each})")
    return "; ".join(lines)


def _of_application(found: Installation, environ: Mapping[str, str]) -> Facts:
    paths = found.paths
    return [
        ("Version", __version__),
        ("Installed as", installed_as(environ)),
        ("Data folder", told_folder(paths)),
        ("History", _size(paths.database_file)),
        ("Local API", "on" if found.local_api else "off"),
        ("Telemetry", "on" if environ.get("OTEL_ENABLED", "").lower() in {"1", "true", "yes"} else "off"),
    ]


def _of_system(environ: Mapping[str, str]) -> Facts:
    total, free = memory_total(), memory_available()
    memory = "" if total is None else f"{total / _GIGABYTE:.1f} GB"
    if memory and free is not None:
        memory += f", {free / _GIGABYTE:.1f} GB free"
    return [
        ("System", system_name()),
        ("Python", sys.version.split()[0]),
        ("Processor cores", str(physical_cores())),
        ("Memory", memory),
        ("Graphics drivers", ", ".join(graphics_drivers()) or "none found"),
        *((name, environ.get(name, "")[:60]) for name in _DESKTOP),
        ("Language", (environ.get("LANGUAGE") or environ.get("LANG") or "")[:60]),
    ]


def _of_services(found: Installation) -> Facts:
    keyring = found.keyring
    return [
        ("Providers", providers_line(found.providers)),
        ("Keyring", keyring.name if keyring.available else "none that answers"),
        ("Sound", _sound(found.devices)),
    ]


def _sound(devices: DeviceList | None) -> str:
    """How many there are: their names are often a person's own."""
    if devices is None:
        return "the sound system does not answer"
    if devices.problem:
        return "no sound system"
    return f"microphones: {len(devices.inputs)}, speakers: {len(devices.outputs)}"


def _size(path: Path) -> str:
    try:
        return f"{path.stat().st_size / 1_000_000:.1f} MB"
    except OSError:
        return "none yet"


def _version(distribution: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def _plain(value: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in value).split())
