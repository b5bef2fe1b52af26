from __future__ import annotations

from dataclasses import replace

import pytest

from aiproxy_desktop.core.endpoints import parse_base_url
from aiproxy_desktop.services.provider_specs import vendor_of
from aiproxy_desktop.services.provider_states import ProviderState
from aiproxy_desktop.storage.keys import KeyringStatus
from aiproxy_desktop.ui.settings.presets import PRESETS
from aiproxy_desktop.ui.settings.rows import (
    Row,
    RowContext,
    endpoint_row,
    key_place_sentence,
    keys_sentence,
    provider_row,
)

GNOME = KeyringStatus(available=True, name="GNOME Keyring")
NONE = KeyringStatus(available=False, reason="No keyring service is running on this computer.")
SILENT = KeyringStatus(
    available=False, name="GNOME Keyring", reason="GNOME Keyring did not answer within 3 s."
)
OPENAI = ProviderState(
    "openai", "OpenAI", "openai", "ready", "Ready, 41 models", key_source="keyring", key_hint="4f2a"
)
ENDPOINT = ProviderState(
    "home",
    "home-server",
    "endpoint",
    "unreachable",
    "home-server refused the connection",
    "Start it, or try again.",
)


def actions(row: Row) -> list[str]:
    return [action.id for action in row.actions]


def test_a_key_in_the_keyring_shows_its_end_and_its_place() -> None:
    row = provider_row(OPENAI, RowContext(GNOME))
    assert (row.dot, row.detail, row.tone) == ("ready", "Ready, 41 models", "muted")
    assert (row.key_line, row.key_note) == ("•••• 4f2a", "in GNOME Keyring")
    assert actions(row) == ["test", "removeKey"]


def test_a_key_from_the_environment_is_named_and_can_be_stored() -> None:
    state = replace(OPENAI, key_source="environment", key_variable="OPENAI_API_KEY")
    row = provider_row(state, RowContext(GNOME))
    assert (row.key_line, row.key_note) == ("OPENAI_API_KEY", "from the environment")
    assert actions(row) == ["test", "storeKey"]
    assert actions(provider_row(state, RowContext(NONE))) == ["test"]


def test_a_key_of_this_run_says_so() -> None:
    row = provider_row(replace(OPENAI, key_source="session"), RowContext(NONE))
    assert row.key_note == "until you close the app"


def test_no_key_offers_to_add_one() -> None:
    state = replace(OPENAI, status="no_key", detail="No key", key_source=None, key_hint="")
    row = provider_row(state, RowContext(GNOME))
    assert (row.dot, row.key_line, row.key_note) == ("off", "", "")
    assert actions(row) == ["addKey"]
    assert actions(provider_row(state, RowContext(GNOME, editing=True))) == []


@pytest.mark.parametrize("status", ["rejected", "error", "unreachable"])
def test_a_broken_provider_says_what_to_do_and_offers_a_retry(status: str) -> None:
    state = replace(OPENAI, status=status, detail="OpenAI did not accept the key", advice="Check it.")  # type: ignore[arg-type]  # one of the three
    row = provider_row(state, RowContext(GNOME))
    assert (row.dot, row.tone) == ("broken", "danger")
    assert row.detail == "OpenAI did not accept the key. Check it."
    assert row.actions[0].label == "Retry"


def test_ollama_that_is_not_there_is_no_alarm() -> None:
    state = ProviderState("ollama", "Ollama", "ollama", "unreachable", "Not found at 127.0.0.1:11434")
    row = provider_row(state, RowContext(GNOME))
    assert (row.dot, row.tone) == ("off", "muted")
    assert row.key_note == "No key needed"
    assert actions(row) == ["test", "changeHost"]


def test_the_built_in_model_takes_files() -> None:
    row = provider_row(ProviderState("builtin", "Built in", "builtin", "ready", "SmolLM2"), RowContext(GNOME))
    assert actions(row) == ["addModelFile"]


def test_a_removal_is_confirmed_in_its_row() -> None:
    row = provider_row(OPENAI, RowContext(GNOME, confirming=True))
    assert row.detail == "Remove the key from GNOME Keyring?"
    assert [(action.id, action.kind) for action in row.actions] == [
        ("keepKey", "quiet"),
        ("confirmRemoveKey", "danger"),
    ]
    session = provider_row(replace(OPENAI, key_source="session"), RowContext(NONE, confirming=True))
    assert session.detail == "Remove the key from memory?"


def test_a_passed_test_is_said_until_something_changes() -> None:
    tested = RowContext(GNOME, tested="Test passed just now, 310 ms")
    assert provider_row(OPENAI, tested).tone == "success"
    assert provider_row(replace(OPENAI, status="checking", detail="Checking"), tested).tone == "muted"


def test_an_endpoint_can_be_tested_edited_and_removed() -> None:
    row = endpoint_row(ENDPOINT, RowContext(GNOME))
    assert row.tone == "danger"
    assert [action.label for action in row.actions] == ["Retry", "Edit", "Remove"]
    confirming = endpoint_row(ENDPOINT, RowContext(GNOME, confirming=True))
    assert confirming.detail == "Remove this endpoint?"
    with_key = endpoint_row(replace(ENDPOINT, key_source="keyring"), RowContext(GNOME, confirming=True))
    assert with_key.detail == "Remove this endpoint and its key?"


def test_every_action_has_a_name_of_its_own_for_screen_readers() -> None:
    rows = [provider_row(OPENAI, RowContext(GNOME)), endpoint_row(ENDPOINT, RowContext(GNOME))]
    spoken = [action.accessible_name for row in rows for action in row.actions]
    assert all(spoken)
    assert len(spoken) == len(set(spoken))


def test_where_a_key_goes_is_said_before_it_is_typed() -> None:
    assert key_place_sentence(GNOME) == "It is kept in GNOME Keyring, never in a file."
    assert key_place_sentence(NONE) == (
        "No keyring was found on this system. The key is kept until you close the app."
    )
    assert key_place_sentence(SILENT).endswith("The key is kept until you close the app.")
    assert "did not answer" in key_place_sentence(SILENT)
    assert key_place_sentence(None).endswith(".")


def test_the_page_says_where_keys_are() -> None:
    assert keys_sentence(GNOME) == (
        "Keys are kept in GNOME Keyring. They never go into a file, a log or an export."
    )
    assert keys_sentence(NONE).startswith(
        "No keyring service is running on this computer. Keys are kept until"
    )


def test_presets_are_addresses_an_endpoint_takes() -> None:
    assert len({preset.name for preset in PRESETS}) == len(PRESETS)
    for preset in PRESETS:
        for address in filter(None, (preset.base_url, preset.example)):
            assert parse_base_url(address) == address
            found = vendor_of(address, preset.vendor)
            assert found is not None
            assert found.id == preset.vendor
    assert [preset.name for preset in PRESETS if not preset.base_url] == ["Azure OpenAI"]


def test_a_plug_in_has_no_key_column() -> None:
    state = ProviderState("parrot", "Parrot", "plugin", "ready", "Ready, 1 model")
    row = provider_row(state, RowContext(GNOME))
    assert (row.key_line, row.key_note, actions(row)) == ("", "", ["test"])


def test_a_broken_plug_in_says_why() -> None:
    state = ProviderState("parrot", "parrot", "plugin", "error", "The plug-in failed", "ValueError: no")
    row = provider_row(state, RowContext(GNOME))
    assert (row.dot, row.tone) == ("broken", "danger")
    assert row.detail == "The plug-in failed. ValueError: no"
    assert row.actions[0].label == "Retry"
