"""Who a request says it is from, and which address is believed."""

from __future__ import annotations

import json
from dataclasses import asdict
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.client_context import ClientContext
from aiproxy_desktop.core.errors import ConfigurationError
from aiproxy_desktop.server.clients import CLIENT_FIELDS, LONGEST_LABEL, client_of
from aiproxy_desktop.services.local_api.addresses import is_among, read_address, read_network

LOOPBACK = ("127.0.0.1", "::1")


def client(
    *headers: tuple[str, str | bytes],
    body: dict[str, Any] | None = None,
    peer: str | None = "127.0.0.1",
    trusted: tuple[str, ...] = LOOPBACK,
) -> ClientContext:
    raw = [
        (name.lower().encode(), value if isinstance(value, bytes) else value.encode())
        for name, value in headers
    ]
    scope = {"headers": raw, "client": None if peer is None else (peer, 40_000)}
    return client_of(scope, body or {}, trusted)


def address(*headers: tuple[str, str], **more: Any) -> str:
    return client(*headers, **more).ip


def test_fields_come_from_headers() -> None:
    found = client(
        ("X-App", "notes"),
        ("X-Client-Id", "c-1"),
        ("X-Device", "desk"),
        ("X-User-Id", "u-1"),
        ("X-Session-Id", "s-1"),
        ("X-Request-Id", "r-1"),
    )
    assert found == ClientContext("notes", "c-1", "desk", "u-1", "s-1", "r-1", "127.0.0.1")


@pytest.mark.parametrize("field", CLIENT_FIELDS)
def test_the_body_is_over_the_headers(field: str) -> None:
    header = ("X-" + field.replace("_", "-").title(), "header")
    assert asdict(client(header, body={field: "body"}))[field] == "body"
    nothing: tuple[Any, ...] = (None, "", "  ", {}, ["a"], True)
    for empty in nothing:
        assert asdict(client(header, body={field: empty}))[field] == "header"
    assert asdict(client(body={field: 7}))[field] == "7"


def test_no_client_says_what_its_address_is() -> None:
    assert client(("X-Ip", "203.0.113.7"), body={"ip": "203.0.113.8"}).ip == "127.0.0.1"


def test_a_client_without_an_id_is_its_address() -> None:
    assert client().client_id == "127.0.0.1"
    assert client(("X-Forwarded-For", "203.0.113.7")).client_id == "203.0.113.7"
    assert client(("X-Forwarded-For", "203.0.113.7"), body={"client_id": "c"}).client_id == "c"
    assert client(peer=None) == ClientContext()


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ([("X-Forwarded-For", "203.0.113.7")], "203.0.113.7"),
        ([("X-Forwarded-For", " 203.0.113.7 , 10.0.0.1, 10.0.0.2")], "203.0.113.7"),
        ([("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-For", "203.0.113.8")], "203.0.113.7"),
        ([("X-Forwarded-For", "203.0.113.7:4711")], "203.0.113.7"),
        ([("X-Forwarded-For", "2001:DB8:0::1")], "2001:db8::1"),
        ([("X-Forwarded-For", "[2001:db8::1]:4711")], "2001:db8::1"),
        ([("X-Forwarded-For", "::ffff:203.0.113.7")], "203.0.113.7"),
        ([("X-Forwarded-For", "203.0.113.7"), ("Forwarded", "for=203.0.113.8")], "203.0.113.7"),
        ([("X-Forwarded-For", "unknown"), ("Forwarded", "for=203.0.113.8")], "203.0.113.8"),
        ([("X-Forwarded-For", "unknown, 203.0.113.7"), ("X-Real-IP", "203.0.113.9")], "203.0.113.9"),
        ([("Forwarded", "for=203.0.113.8")], "203.0.113.8"),
        ([("Forwarded", "For=203.0.113.8;proto=https;by=203.0.113.43")], "203.0.113.8"),
        ([("Forwarded", "proto=https; for = 203.0.113.8, for=198.51.100.17")], "203.0.113.8"),
        ([("Forwarded", 'for="[2001:db8:cafe::17]:4711"')], "2001:db8:cafe::17"),
        ([("Forwarded", 'for="[2001:db8:cafe::17]"')], "2001:db8:cafe::17"),
        ([("Forwarded", 'for="203.0.113.8:8080"')], "203.0.113.8"),
        ([("Forwarded", 'by="a, for=203.0.113.66";for=203.0.113.8')], "203.0.113.8"),
        ([("Forwarded", r'for="203\.0.113.8"')], "203.0.113.8"),
        ([("Forwarded", "for=203.0.113.8"), ("X-Real-IP", "203.0.113.9")], "203.0.113.8"),
        ([("Forwarded", 'for="_hidden"'), ("X-Real-IP", "203.0.113.9")], "203.0.113.9"),
        ([("Forwarded", "for=unknown")], "127.0.0.1"),
        ([("X-Real-IP", "203.0.113.9")], "203.0.113.9"),
        ([("X-Real-IP", "fe80::1%eth0")], "fe80::1"),
        ([("X-Real-IP", "localhost")], "127.0.0.1"),
        ([("X-Forwarded-For", "203.0.113.7.8"), ("Forwarded", ""), ("X-Real-IP", "")], "127.0.0.1"),
        ([("X-Forwarded-For", "203.0.113.7:http"), ("X-Real-IP", "[::1")], "127.0.0.1"),
        ([("X-Forwarded-For", "<script>alert(1)</script>")], "127.0.0.1"),
        ([], "127.0.0.1"),
    ],
)
def test_whom_a_proxy_asks_for(headers: list[tuple[str, str]], found: str) -> None:
    assert address(*headers) == found


@pytest.mark.parametrize(
    ("peer", "trusted", "believed"),
    [
        ("127.0.0.1", LOOPBACK, True),
        ("::1", LOOPBACK, True),
        ("::ffff:127.0.0.1", LOOPBACK, True),
        ("127.0.0.2", LOOPBACK, False),
        ("10.1.2.3", LOOPBACK, False),
        ("10.1.2.3", (*LOOPBACK, "10.0.0.0/8"), True),
        ("10.1.2.3", ("10.0.0.1/8",), True),
        ("11.1.2.3", ("10.0.0.0/8",), False),
        ("fd00::5", ("fd00::/8",), True),
        ("127.0.0.1", (), False),
        ("127.0.0.1", ("nobody", "127.0.0.1"), True),
    ],
)
def test_only_trusted_proxies_are_believed(peer: str, trusted: tuple[str, ...], believed: bool) -> None:
    for header in ("X-Forwarded-For", "X-Real-IP"):
        found = address((header, "203.0.113.7"), peer=peer, trusted=trusted)
        assert found == ("203.0.113.7" if believed else read_address(peer))


def test_labels_are_one_line_of_bounded_length() -> None:
    assert client(body={"app": " a\x00b\r\nc\u202ed\ud800 \u2028e\t"}).app == "a b c d e"
    assert client(("X-App", "Notizbüro".encode())).app == "Notizbüro"
    assert client(("X-App", b"caf\xe9 \x1b[31m")).app == "caf\ufffd [31m"
    assert client(body={"app": "x" * 10_000_000}).app == "x" * LONGEST_LABEL
    assert client(body={"user_id": 10**5000, "device": float("nan")}) == client()


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["x-forwarded-for", "forwarded", "x-real-ip", "x-app", "x-client-id"]),
            st.binary(max_size=80) | st.text(alphabet='for=",;[]:.% 0123456789abcdef\\', max_size=80),
        )
    ),
    st.dictionaries(
        st.sampled_from(CLIENT_FIELDS), st.none() | st.integers() | st.text() | st.lists(st.text())
    ),
)
def test_whatever_comes_is_labels(headers: list[tuple[str, str | bytes]], body: dict[str, Any]) -> None:
    found = client(*headers, body=body)
    assert str(ip_address(found.ip)) == found.ip
    assert found.client_id
    for value in asdict(found).values():
        assert len(value) <= LONGEST_LABEL
        assert value.isprintable()
        assert value == value.strip()
        json.dumps(value).encode()


def test_a_long_header_is_not_searched_for_long() -> None:
    assert address(("Forwarded", "a" * 60_000)) == "127.0.0.1"
    assert address(("Forwarded", '"' * 60_000), ("X-Forwarded-For", "1" * 60_000)) == "127.0.0.1"


def test_networks_are_read_or_named() -> None:
    assert str(read_network(" 10.1.2.3/8 ")) == "10.0.0.0/8"
    assert is_among("10.9.9.9", ("10.1.2.3/8",))
    assert not is_among("", ("0.0.0.0/0",))
    with pytest.raises(ConfigurationError, match="The trusted proxy “my proxy” is no address"):
        read_network("my proxy")
