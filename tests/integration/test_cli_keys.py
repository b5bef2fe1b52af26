"""Keys on the command line, with a real keyring and a real terminal."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from pathlib import Path

from tests.integration.test_cli import COMMAND, KEY, PATIENCE, REPOSITORY, one_line, run
from tests.secret_service import SecretService, files_holding


def test_a_key_goes_to_the_keyring_and_comes_back(secret_service: SecretService, aiproxy_home: Path) -> None:
    kept = run("keys", "set", "openai", stdin=f"{KEY}\n".encode())
    assert (kept.returncode, kept.stderr) == (0, "")
    assert kept.stdout == "The key for OpenAI is kept in GNOME Keyring.\n"
    assert secret_service.lookup("openai") == KEY

    listed = run("keys", "list")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert listed.stdout == "openai     keyring (GNOME Keyring)\ngemini     no key\nanthropic  no key\n"

    removed = run("keys", "remove", "openai")
    assert (removed.returncode, removed.stderr) == (0, "")
    assert removed.stdout == "The key for OpenAI is removed.\n"
    assert secret_service.lookup("openai") is None

    again = run("keys", "remove", "openai")
    assert again.returncode == 0
    assert again.stdout == "The key for OpenAI was not in the keyring.\n"
    assert files_holding(aiproxy_home.parent, KEY) == []


def test_where_a_key_comes_from_is_shown_but_never_the_key(secret_service: SecretService) -> None:
    secret_service.store("gemini", KEY)
    environment = {"OPENAI_API_KEY": KEY + "-other"}
    listed = run("keys", "list", environment=environment)
    assert (
        listed.stdout
        == "openai     environment (OPENAI_API_KEY)\ngemini     keyring (GNOME Keyring)\nanthropic  no key\n"
    )
    removed = run("keys", "remove", "openai", environment=environment)
    assert "One in the environment is still used." in removed.stdout


def test_a_vendors_key_is_kept_listed_and_removed(secret_service: SecretService) -> None:
    kept = run("keys", "set", "groq", stdin=f"{KEY}\n".encode())
    assert (kept.returncode, kept.stderr) == (0, "")
    assert kept.stdout == "The key for Groq is kept in GNOME Keyring.\n"
    assert secret_service.lookup("groq") == KEY
    assert "groq       keyring (GNOME Keyring)\n" in run("keys", "list").stdout
    assert run("keys", "remove", "groq").stdout == "The key for Groq is removed.\n"
    assert secret_service.lookup("groq") is None
    assert "groq" not in run("keys", "list").stdout
    assert run("keys", "set", "anthropic", stdin=KEY.encode()).returncode == 0
    assert "anthropic  keyring (GNOME Keyring)\n" in run("keys", "list").stdout


def test_without_a_keyring_the_list_says_so() -> None:
    listed = run("keys", "list", environment={"OPENAI_API_KEY": KEY})
    assert listed.returncode == 0
    assert listed.stdout == "openai     environment (OPENAI_API_KEY)\ngemini     no key\nanthropic  no key\n"
    assert listed.stderr == "No keyring service is running on this computer.\n"


def test_a_keyring_that_hangs_is_one_sentence(hanging_secret_service: SecretService) -> None:
    done = run("keys", "set", "openai", stdin=KEY.encode())
    assert done.returncode == 1
    assert one_line(done.stderr)
    assert "did not answer" in done.stderr
    hanging_secret_service.answer_again()


def test_a_key_typed_at_a_terminal_is_not_shown(secret_service: SecretService) -> None:
    terminal, other_end = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, "keys", "set", "openai"],
        cwd=REPOSITORY,
        env=dict(os.environ),
        stdin=other_end,
        stdout=other_end,
        stderr=other_end,
        start_new_session=True,
    ) as process:
        os.close(other_end)
        shown = read_until(terminal, b"Key for OpenAI: ")
        os.write(terminal, f"{KEY}\n".encode())
        shown += read_until(terminal, b"GNOME Keyring.")
        assert process.wait(PATIENCE) == 0
    os.close(terminal)
    assert KEY.encode() not in shown
    assert secret_service.lookup("openai") == KEY


def read_until(terminal: int, words: bytes) -> bytes:
    shown = b""
    deadline = time.monotonic() + PATIENCE
    while words not in shown:
        assert time.monotonic() < deadline, shown
        if select.select([terminal], [], [], 1.0)[0]:
            shown += os.read(terminal, 4096)
    return shown
