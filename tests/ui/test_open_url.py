"""The door for addresses: what leaves, and what does not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices

from aiproxy_desktop.ui.shell.open_url import open_url

SCHEMES = ("http", "https", "mailto", "file", "javascript", "data", "ftp", "ssh")


class Desktop(QObject):
    """Stands where the system's browser would: Qt asks it first."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        self.opened.append(url.toString())


@pytest.fixture
def desktop() -> Iterator[Desktop]:
    taken = Desktop()
    for scheme in SCHEMES:
        # The stubs ask for bytes; PySide takes the name as text.
        QDesktopServices.setUrlHandler(scheme, taken, "take")  # type: ignore[arg-type]  # see above
    yield taken
    for scheme in SCHEMES:
        QDesktopServices.unsetUrlHandler(scheme)


@pytest.mark.parametrize(
    "url",
    ["https://example.org/a?b=c#d", "http://127.0.0.1:8080/", "HTTPS://EXAMPLE.ORG/", "mailto:a@b.example"],
)
def test_addresses_of_the_web_and_of_mail_leave(desktop: Desktop, url: str) -> None:
    assert open_url(url)
    assert [opened.lower() for opened in desktop.opened] == [url.lower()]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "/etc/passwd",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.org/",
        "ssh://example.org",
        "https:",
        "https:///path",
        "http://exa mple.org",
        " https://example.org",
        "https://example.org/\n--help",
        "//example.org",
    ],
)
def test_nothing_else_does(desktop: Desktop, url: str) -> None:
    assert not open_url(url)
    assert not desktop.opened
