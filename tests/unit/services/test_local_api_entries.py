from __future__ import annotations

import errno
from collections.abc import Callable

import pytest

from aiproxy_desktop.server.rules import rules_of
from aiproxy_desktop.services.local_api.entries import (
    EntryError,
    alias_name,
    entries,
    host_entry,
    listen_address,
    origin_entry,
    port_number,
    proxy_entry,
)
from aiproxy_desktop.services.local_api.listening import address_error
from aiproxy_desktop.services.local_api.snippets import Reach, snippets
from aiproxy_desktop.storage.api_settings import ApiSettings
from tests.api_parts import TOKEN


@pytest.mark.parametrize(
    ("read", "typed", "kept"),
    [
        (host_entry, " Desk.LAN:8000 ", "desk.lan:8000"),
        (host_entry, "https://models.home/", "models.home"),
        (host_entry, "[FD00:0::1]:8000", "[fd00::1]:8000"),
        (host_entry, "bücher.example", "xn--bcher-kva.example"),
        (origin_entry, "https://Notes.example:443/", "https://notes.example"),
        (origin_entry, "app://obsidian.md", "app://obsidian.md"),
        (origin_entry, "http://localhost:3000", "http://localhost:3000"),
        (proxy_entry, "10.0.0.7/24", "10.0.0.0/24"),
        (proxy_entry, "[::1]", "::1"),
        (listen_address, "localhost", "127.0.0.1"),
        (listen_address, "[::1]", "::1"),
        (listen_address, "", "127.0.0.1"),
        (alias_name, " gpt-4o ", "gpt-4o"),
    ],
)
def test_what_is_typed_is_read_kindly(read: Callable[[str], str], typed: str, kept: str) -> None:
    assert read(typed) == kept
    # What is read is what the server takes.
    if read is host_entry:
        assert kept in rules_of(ApiSettings(hosts=(kept,)), TOKEN).hosts
    if read is origin_entry:
        assert kept in rules_of(ApiSettings(origins=(kept,)), TOKEN).origins


@pytest.mark.parametrize(
    ("read", "typed"),
    [
        *(
            (host_entry, typed)
            for typed in ("*", "*.lan", "a b", "a/b", "desk:0", "desk:x", "[::", "-a", "a..b")
        ),
        *(
            (origin_entry, typed)
            for typed in ("null", "*", "notes.example", "https://", "https://a/b", "://a")
        ),
        *((proxy_entry, typed) for typed in ("0.0.0.0/0", "::/0", "nginx", "10.0.0.0/33")),
        *((listen_address, typed) for typed in ("desk.lan", "1.2.3", "127.0.0.1:8000")),
        *((port_number, typed) for typed in ("0", "65536", "-1", "8e3", "²", "")),
        *((alias_name, typed) for typed in ("", "a b", "a\nb", "x" * 201)),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_sentence(read: Callable[[str], object], typed: str) -> None:
    with pytest.raises(EntryError) as refused:
        read(typed)
    assert refused.value.advice.endswith(".")


def test_entries_stand_in_lines_or_between_commas() -> None:
    assert entries("b.lan, a.lan\n\nb.lan;c.lan ", host_entry) == ("b.lan", "a.lan", "c.lan")


@pytest.mark.parametrize(
    ("number", "host", "port", "says"),
    [
        (errno.EADDRINUSE, "127.0.0.1", 65535, "such as 8000"),
        (errno.EADDRNOTAVAIL, "10.9.9.9", 8000, "10.9.9.9 is not an address of this computer"),
        (errno.EACCES, "127.0.0.1", 80, "Port 80 is kept for the system"),
        (errno.ENOBUFS, "127.0.0.1", 8000, "Nobody can listen at 127.0.0.1, port 8000"),
    ],
)
def test_an_address_that_cannot_be_had(number: int, host: str, port: int, says: str) -> None:
    assert says in str(address_error(OSError(number, "whatever"), host, port))


def test_pieces_of_code_cannot_be_broken_out_of() -> None:
    model = "a'b\"c\\d$(e)"
    for piece in snippets():
        text = piece.write(Reach("http://127.0.0.1:8000", model, TOKEN))
        assert TOKEN in text
        assert model not in text  # each language has its own way to write it
    assert TOKEN not in repr(Reach("http://127.0.0.1:8000", "m", TOKEN))
