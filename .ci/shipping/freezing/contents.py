"""What goes into the frozen application, and what is left to the system or left out."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import TypeAlias

# As PyInstaller describes a file: where it goes, where it comes from, and what it is.
Entry: TypeAlias = "tuple[str, str, str]"

# Found in the code of what is used, and never used here: what makes packages, tests, other toolkits, and
# modules of Python with libraries under the GPL (readline, GNU dbm) or Sleepycat's licence (Berkeley DB).
EXCLUDED_MODULES = (
    *("tkinter", "_tkinter", "turtle", "idlelib", "curses"),
    *("readline", "_gdbm", "_dbm", "dbm.gnu", "dbm.ndbm"),
    *("setuptools", "pkg_resources", "distutils", "_distutils_hack", "pip", "ensurepip", "venv", "lib2to3"),
    *("pydoc_data", "doctest", "test", "pytest", "_pytest", "hypothesis", "mypy"),
    *("pydantic.mypy", "pydantic._internal._hypothesis_plugin"),
    *("pydantic.v1.mypy", "pydantic.v1._hypothesis_plugin"),
    *("numpy", "trio", "IPython", "PIL.ImageTk", "PIL.ImageQt", "gi", "google.protobuf.pyext"),
    *("PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtOpenGL", "PySide6.QtDBus", "PySide6.QtPrintSupport"),
)

# Imported by a name that PyInstaller cannot see: by `core.offers`, an entry point of OpenTelemetry's.
HIDDEN_MODULES = ("xllamacpp", "opentelemetry.context.contextvars_context")
# Run by the frozen application before anything else.
RUN_FIRST = tuple(
    Path(__file__).parent / "run_first" / f"{name}.py"
    for name in ("restored_environment", "pinned_archive", "streams_of_a_window")
)
KEYRINGS = {
    "linux": ("keyring.backends.SecretService", "keyring.backends.libsecret", "keyring.backends.kwallet"),
    "win32": ("keyring.backends.Windows", "win32ctypes.core"),
    "darwin": ("keyring.backends.macOS",),
}

# Which of Qt's plug-ins are used, by folder; of the same folder nothing else is taken. Left out are, among
# others, the platform theme of GTK, which would bring GTK itself, the virtual keyboard (GPL 3), TLS and the
# state of the network (Python speaks to servers), and screens without a window system.
QT_PLUGINS = {
    "platforms": ("xcb", "wayland", "offscreen", "windows", "cocoa"),
    "platformthemes": ("xdgdesktopportal",),
    "platforminputcontexts": ("composeplatforminputcontextplugin", "ibusplatforminputcontextplugin"),
    "xcbglintegrations": ("xcb-egl-integration", "xcb-glx-integration"),
    "wayland-decoration-client": ("adwaita", "bradient"),
    "wayland-graphics-integration-client": ("qt-plugin-wayland-egl",),
    "wayland-shell-integration": ("xdg-shell",),
    "iconengines": ("svgicon",),
    "imageformats": ("gif", "ico", "jpeg", "svg", "tiff", "webp"),
    "styles": ("modernwindowsstyle", "macstyle"),
    "permissions": ("darwinmicrophonepermission",),
}

# Libraries that are the system's own, by the names that files ask for. Either they have to match its drivers,
# its servers or its configuration, or they are kept safe there, or every desktop has them (the idea is that
# of AppImage's excludelist). What a desktop may lack comes along.
SYSTEM_LIBRARIES = (
    # The C and C++ libraries: a driver of graphics that is newer than ours would not load.
    *(r"ld-linux-.*", r"lib(c|m|mvec|dl|rt|pthread|resolv|util|nsl|anl|BrokenLocale)\.so.*"),
    *(r"libstdc\+\+\.so\..*", r"libgcc_s\.so\..*"),
    # Graphics: drivers. Wayland and X11: libraries of one release with what the drivers load.
    *(r"libGL\.so.*", r"libEGL\.so.*", r"libGLX\.so.*", r"libOpenGL\.so.*", r"libGLdispatch\.so.*"),
    r"libdrm\.so.*",
    *(r"libwayland-(client|cursor|egl)\.so\..*", r"libX11\.so\..*", r"libX11-xcb\.so\..*", r"libXau\.so\..*"),
    *(r"libXdmcp\.so\..*", r"libxcb\.so\..*", r"libxcb-(glx|randr|render|shape|shm|sync|xfixes|xkb)\.so\..*"),
    # Sound: plug-ins and configuration.
    r"libasound\.so\..*",
    # Fonts: configuration, and what the configuration's library loads.
    *(r"libfontconfig\.so\..*", r"libfreetype\.so\..*", r"libexpat\.so\..*", r"libpng16\.so\..*"),
    # The desktop's bus and main loop.
    *(r"libdbus-1\.so\..*", r"libglib-2\.0\.so\..*", r"libgthread-2\.0\.so\..*", r"libpcre2-8\.so\..*"),
    r"libsystemd\.so\..*",
    # Safety: mended by the system, with its certificates and its configuration.
    *(r"libssl\.so\..*", r"libcrypto\.so\..*", r"libgssapi_krb5\.so\..*", r"libkrb5(support)?\.so\..*"),
    *(r"libk5crypto\.so\..*", r"libcom_err\.so\..*", r"libkeyutils\.so\..*", r"libgcrypt\.so\..*"),
    r"libgpg-error\.so\..*",
    # What the system's own libraries use as well, and every system has.
    *(r"libz\.so\..*", r"libzstd\.so\..*", r"liblzma\.so\..*", r"liblz4\.so\..*", r"libuuid\.so\..*"),
    *(r"libbsd\.so\..*", r"libmd\.so\..*", r"libcap\.so\..*", r"libselinux\.so\..*"),
)
_SYSTEM = re.compile("|".join(SYSTEM_LIBRARIES))

# Of Windows' Qt, OpenGL in software and compilers of shaders; on every system Qt's modules that are under the
# GPL alone, and those of its own language. Nothing here needs any of them.
_NEEDLESS = re.compile(
    r"(opengl32sw|d3dcompiler_.*|dxcompiler|dxil)\.dll"
    r"|(lib)?Qt6?(VirtualKeyboard|Charts|DataVisualization|Graphs|Lottie|NetworkAuth|HttpServer|Quick|Qml|Pdf).*",
    re.IGNORECASE,
)


# What `importlib.metadata` reads: versions and entry points.
_METADATA = frozenset({"METADATA", "entry_points.txt"})


def keyring_modules() -> tuple[str, ...]:
    """What `aiproxy_desktop.storage.system_keyring` imports by name on this system."""
    return next((modules for name, modules in KEYRINGS.items() if sys.platform.startswith(name)), ())


def is_the_systems(name: str) -> bool:
    """Whether a library with this name, `libX11.so.6` say, is left to the system."""
    return _SYSTEM.fullmatch(name) is not None


def chosen(
    entries: Iterable[Entry], languages: Iterable[str], needs: Callable[[Path], Iterable[str]]
) -> list[Entry]:
    """Of the files that PyInstaller found, those that are shipped.

    Args:
        entries: what it found; of the binary files or of the others.
        languages: those that the application speaks, beside English (`de`, `pt_BR`).
        needs: names of the libraries that a binary file asks for.
    """
    kept = [entry for entry in entries if _is_wanted(entry, frozenset(languages))]
    return _without_orphans(kept, needs)


def _is_wanted(entry: Entry, languages: frozenset[str]) -> bool:
    path = PurePosixPath(entry[0].replace("\\", "/"))
    folders = path.parts
    if sys.platform.startswith("linux") and len(folders) == 1 and is_the_systems(path.name):
        return False
    if _NEEDLESS.fullmatch(path.name):
        return False
    if ".dist-info" in str(path.parent):
        # Lists of files and how it was installed tell nobody anything; licences are gathered elsewhere.
        return path.name in _METADATA
    if "PySide6" not in folders:
        return True
    if "translations" in folders:
        return path.stem.startswith("qtbase_") and path.stem.removeprefix("qtbase_") in languages
    if "plugins" in folders:
        kind = folders[folders.index("plugins") + 1]
        name = re.sub(r"^(lib)?q?(?=[a-z])", "", path.name.partition(".")[0])
        return any(name == re.sub("^q", "", wanted) for wanted in QT_PLUGINS.get(kind, ()))
    return "qml" not in folders


def _without_orphans(entries: list[Entry], needs: Callable[[Path], Iterable[str]]) -> list[Entry]:
    """Without libraries that came only for the sake of files which are not shipped."""
    by_name: dict[str, list[Entry]] = {}
    for entry in entries:
        if _is_a_dependency(entry):
            by_name.setdefault(PurePosixPath(entry[0]).name, []).append(entry)
    to_visit = [entry for entry in entries if not _is_a_dependency(entry)]
    reached = set(to_visit)
    while to_visit:
        _, source, kind = to_visit.pop()
        if kind not in {"BINARY", "EXTENSION"}:
            continue
        for name in needs(Path(source)):
            for entry in by_name.get(name, ()):
                if entry not in reached:
                    reached.add(entry)
                    to_visit.append(entry)
    names = {PurePosixPath(entry[0]).name for entry in reached}
    return [
        entry
        for entry in entries
        if entry in reached or (entry[2] == "SYMLINK" and PurePosixPath(entry[0]).name in names)
    ]


def _is_a_dependency(entry: Entry) -> bool:
    """Whether a file is one that came because another asks for it."""
    path = PurePosixPath(entry[0].replace("\\", "/"))
    # A module of Python's own kind (_cffi_backend, say) lies beside libraries, but is imported by its name.
    if not sys.platform.startswith("linux") or path.name.startswith("libpython") or entry[2] == "EXTENSION":
        return False
    return ".so" in path.name and (len(path.parts) == 1 or path.match("PySide6/Qt/lib/*"))
