"""`pyinstaller.spec` on each system, as far as it can be run on this one: what it asks PyInstaller for."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from shipping.freezing import contents
from shipping.layout import TOP, VERSION, project


@dataclass
class Asked:
    """Stands for PyInstaller: keeps what it is asked for."""

    what: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = field(default_factory=list)
    pure: tuple[()] = ()
    scripts: tuple[()] = ()
    binaries: tuple[()] = ()
    datas: tuple[()] = ()

    def names(self) -> dict[str, Any]:
        """Of the functions that a specification finds."""
        return {name: self._keeper(name) for name in ("Analysis", "PYZ", "EXE", "COLLECT", "BUNDLE")}

    def _keeper(self, name: str) -> Any:
        def keep(*values: Any, **options: Any) -> Asked:
            self.what.append((name, values, options))
            return self

        return keep

    def options(self, name: str) -> list[dict[str, Any]]:
        """Those of every call of a function."""
        return [options for called, _, options in self.what if called == name]


def _asked(monkeypatch: pytest.MonkeyPatch, system: str) -> Asked:
    asked = Asked()
    code = compile((TOP / "pyinstaller.spec").read_text("utf-8"), "pyinstaller.spec", "exec")
    import PyInstaller.utils.hooks  # noqa: F401  # it looks at the system it is on while it is imported

    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(sys, "path", [*sys.path])
    exec(code, {"SPECPATH": str(TOP), **asked.names()})
    return asked


@pytest.fixture
def no_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MACOS_IDENTITY", raising=False)


@pytest.mark.parametrize("system", ["linux", "win32", "darwin"])
def test_files_of_ours_lie_where_the_application_looks(monkeypatch: pytest.MonkeyPatch, system: str) -> None:
    (analysis,) = _asked(monkeypatch, system).options("Analysis")
    places = {Path(source).name: target for source, target in analysis["datas"]}
    assert places["tokens.json"] == "aiproxy_desktop/resources"
    assert places["table.json"] == "aiproxy_desktop/resources/model_table"
    assert places["index.html"] == "aiproxy_desktop/resources/demo"
    assert places["Inter[opsz,wght].ttf"] == "aiproxy_desktop/resources/fonts"
    assert {target for name, target in places.items() if name.endswith(".gguf")} == {
        "aiproxy_desktop/resources/models"
    }
    assert {*contents.keyring_modules()} <= {*analysis["hiddenimports"]}
    assert contents.keyring_modules()
    assert all(Path(hook).is_file() for hook in analysis["runtime_hooks"])


def test_linux_has_one_program(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = _asked(monkeypatch, "linux")
    (program,) = asked.options("EXE")
    assert (program["name"], program["strip"], program["exclude_binaries"]) == (project.COMMAND, True, True)
    assert not asked.options("BUNDLE")


def test_windows_has_one_for_the_menu_and_one_for_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = _asked(monkeypatch, "win32")
    programs = {options["name"]: options for options in asked.options("EXE")}
    assert {name: options["console"] for name, options in programs.items()} == {
        project.COMMAND: False,
        f"{project.COMMAND}-console": True,
    }
    for options in programs.values():
        assert options["icon"].endswith(".ico")
        assert VERSION in Path(options["version"]).read_text("utf-8")
        assert not options["strip"]
    ((_, collected, _),) = [call for call in asked.what if call[0] == "COLLECT"]
    assert len(collected) == len(programs) + 2


@pytest.mark.usefixtures("no_identity")
def test_macos_has_a_bundle_that_says_what_the_microphone_is_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = _asked(monkeypatch, "darwin")
    (program,) = asked.options("EXE")
    assert not program["console"]
    assert program["codesign_identity"] is None
    assert "com.apple.security.device.audio-input" in Path(program["entitlements_file"]).read_text("utf-8")
    (bundle,) = asked.options("BUNDLE")
    assert bundle["name"] == f"{project.NAME}.app"
    assert bundle["icon"].endswith(".icns")
    # Letters, digits, hyphens and full stops alone (CFBundleIdentifier).
    assert bundle["bundle_identifier"].replace(".", "").replace("-", "").isalnum()
    told = bundle["info_plist"]
    assert told["NSMicrophoneUsageDescription"]
    assert told["CFBundleShortVersionString"] == VERSION


def test_macos_signs_with_the_identity_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MACOS_IDENTITY", "Developer ID Application: Somebody")
    (program,) = _asked(monkeypatch, "darwin").options("EXE")
    assert program["codesign_identity"] == "Developer ID Application: Somebody"
