from __future__ import annotations

from dataclasses import replace

from aiproxy_desktop.core.models import Capabilities, ModelInfo
from aiproxy_desktop.services.providers import ProviderState
from aiproxy_desktop.storage.keys import KeyringStatus
from aiproxy_desktop.ui.chat.models.rows import choose, display_name, model_rows, nothing_usable
from aiproxy_desktop.ui.chat.welcome import info_rows, listed, welcome_line

SMOL = ModelInfo("smollm2-135m", "builtin", "SmolLM2 135M", local=True)
LLAMA = ModelInfo("llama3.2:3b", "ollama", "llama3.2:3b", local=True)
GEMMA = ModelInfo("gemma3:4b", "ollama", "gemma3:4b", local=True)
SOL = ModelInfo("gpt-6.1-sol", "openai", "gpt-6.1-sol")

OPENAI = ProviderState("openai", "OpenAI", "openai", "ready", models=(SOL,), needs_key=True)
GEMINI = ProviderState("gemini", "Gemini", "gemini", "no_key", needs_key=True)
OLLAMA = ProviderState("ollama", "Ollama", "ollama", "ready", models=(LLAMA, GEMMA))
BUILTIN = ProviderState("builtin", "Built in", "builtin", "ready", models=(SMOL,))
STUDIO = ProviderState("studio", "studio-mac", "endpoint", "unreachable")
ALL = (OPENAI, GEMINI, OLLAMA, BUILTIN, STUDIO)
KEYRING = KeyringStatus(available=True, name="GNOME Keyring")


def test_models_come_first_then_what_needs_something() -> None:
    rows = model_rows(ALL)
    assert [row.name for row in rows] == [
        "gpt-6.1-sol",
        "llama3.2:3b",
        "gemma3:4b",
        "SmolLM2 135M",
        "Gemini",
        "studio-mac",
    ]
    assert [row.availability for row in rows] == ["ready", "ready", "ready", "ready", "off", "off"]


def test_every_row_says_what_it_costs_or_needs() -> None:
    notes = {row.name: row.note for row in model_rows(ALL)}
    assert notes == {
        "gpt-6.1-sol": "",
        "llama3.2:3b": "Free, here",
        "gemma3:4b": "Free, here",
        "SmolLM2 135M": "Free, here",
        "Gemini": "Add key",
        "studio-mac": "Cannot be reached",
    }


def test_only_what_leads_somewhere_can_be_picked() -> None:
    enabled = {row.name: row.enabled for row in model_rows(ALL)}
    assert enabled["Gemini"]
    assert not enabled["studio-mac"]
    assert enabled["SmolLM2 135M"]


def test_models_of_a_provider_that_went_away_stay_in_sight_but_say_so() -> None:
    row = model_rows([replace(OLLAMA, status="unreachable")])[0]
    assert (row.reference, row.availability, row.note) == ("ollama:llama3.2:3b", "off", "Not found")


def test_a_search_holds_every_word_in_any_order() -> None:
    assert [row.name for row in model_rows(ALL, "OLLAMA 3b")] == ["llama3.2:3b"]
    assert [row.name for row in model_rows(ALL, "  gem ")] == ["gemma3:4b", "Gemini"]
    assert model_rows(ALL, "nothing like it") == []


def test_a_name_counts_for_more_than_its_provider() -> None:
    assert [row.name for row in model_rows(ALL, "llama")] == ["llama3.2:3b", "gemma3:4b"]
    assert [row.name for row in model_rows([replace(OLLAMA, models=(GEMMA, LLAMA))], "llama")] == [
        "llama3.2:3b",
        "gemma3:4b",
    ]


def test_the_wanted_model_answers() -> None:
    choice = choose(ALL, "ollama:llama3.2:3b", SMOL)
    assert choice is not None
    assert (choice.name, choice.provider_label, choice.local) == ("llama3.2:3b", "Ollama", True)
    assert choice.cost == "Free, on this computer"


def test_a_model_that_is_gone_gives_way_to_the_default() -> None:
    for gone in ("ollama:llama2", "vanished:model", "no-colon", ""):
        choice = choose(ALL, gone, SMOL)
        assert choice is not None
        assert choice.reference == SMOL.reference


def test_a_list_that_has_not_come_says_nothing_against_the_wanted_model() -> None:
    states = [replace(OPENAI, status="checking", models=()), BUILTIN]
    choice = choose(states, "openai:gpt-6.1-sol", SMOL)
    assert choice is not None
    assert (choice.reference, choice.availability) == ("openai:gpt-6.1-sol", "busy")


def test_without_any_model_nothing_is_chosen() -> None:
    assert choose([GEMINI], None, None) is None
    assert choose([], "openai:x", None) is None


def test_nothing_is_usable_only_once_everybody_has_answered() -> None:
    assert not nothing_usable(())
    assert nothing_usable((GEMINI, STUDIO))
    assert not nothing_usable((GEMINI, replace(STUDIO, status="checking")))
    assert not nothing_usable((GEMINI, BUILTIN))


def test_names_are_those_people_know() -> None:
    assert display_name(ALL, "builtin:smollm2-135m") == "SmolLM2 135M"
    assert display_name(ALL, "ollama:gone:7b") == "gone:7b"
    assert display_name(ALL, None) == ""


def test_the_welcome_says_who_answers_and_from_where() -> None:
    def line(*states: ProviderState, wanted: str | None = None) -> str:
        default = next((model for state in states for model in state.models), None)
        return welcome_line(choose(states, wanted, default), states, nothing_usable=nothing_usable(states))

    assert line(BUILTIN) == "SmolLM2 135M is built in and ready. It runs on this computer, offline."
    assert "getting ready" in line(replace(BUILTIN, status="checking"))
    broken = replace(BUILTIN, status="error", advice="Install it again.")
    assert line(broken, OLLAMA, wanted=SMOL.reference) == (
        "SmolLM2 135M is built in but could not be started. Install it again."
    )
    assert line(OLLAMA) == "llama3.2:3b answers, on this computer."
    assert line(OPENAI) == "gpt-6.1-sol answers, through OpenAI."
    assert line(GEMINI).startswith("No model is ready yet.")
    assert line() == "Looking for models on this computer."


def test_a_newcomer_hears_of_ollama_and_of_keys() -> None:
    ollama, keys = info_rows(ALL, KEYRING)
    assert ollama.title == "Ollama found, 2 models"
    assert ollama.detail == "llama3.2:3b and gemma3:4b, also on this computer"
    assert (ollama.action, ollama.argument, ollama.label) == ("use", LLAMA.reference, "Use llama3.2:3b")
    assert keys.title == "Gemini needs a key"
    assert keys.detail == "It is kept in GNOME Keyring, never in a file"
    assert keys.action == "settings"


def test_several_providers_without_key_stand_in_one_row() -> None:
    rows = info_rows((replace(OPENAI, status="no_key", models=()), GEMINI), None)
    assert [row.title for row in rows] == ["OpenAI, Gemini and others need a key"]
    assert rows[0].detail == "It is kept in the system keyring, never in a file"


def test_a_machine_without_keyring_says_how_long_a_key_lasts() -> None:
    row = info_rows((GEMINI,), KeyringStatus(available=False, reason="none"))[0]
    assert "until the window closes" in row.detail


def test_ollama_that_is_not_there_says_what_to_do() -> None:
    row = info_rows((replace(OLLAMA, status="unreachable", models=()),), None)[0]
    assert (row.title, row.action, row.label) == ("Ollama was not found", "look", "Look again")
    assert "ollama.com" in row.detail
    empty = info_rows((replace(OLLAMA, models=()),), None)[0]
    assert "ollama pull" in empty.detail
    looking = info_rows((replace(OLLAMA, status="checking", models=()),), None)[0]
    assert (looking.title, looking.label) == ("Looking for Ollama", "")


def test_many_models_are_counted() -> None:
    many = tuple(replace(LLAMA, id=f"m{n}", display_name=f"m{n}", local=False) for n in range(5))
    assert info_rows((replace(OLLAMA, models=many),), None)[0].detail == "m0, m1 and 3 more"
    assert listed([]) == ""
    assert listed(["a"]) == "a"


def test_a_model_that_only_makes_images_comes_after_those_that_answer() -> None:
    painter = ModelInfo("gpt-image-2", "openai", "gpt-image-2", capabilities=Capabilities(images_out=True))
    both = ModelInfo("nano", "openai", "nano", capabilities=Capabilities(images_out=True, streaming=True))
    rows = model_rows([replace(OPENAI, models=(painter, both, SOL)), BUILTIN, GEMINI])
    assert [row.name for row in rows] == ["nano", "gpt-6.1-sol", "SmolLM2 135M", "gpt-image-2", "Gemini"]
    assert rows[3].note == "Images only"
    assert rows[3].enabled


def test_a_plug_in_without_its_key_leads_nowhere() -> None:
    state = ProviderState("parrot", "Parrot", "plugin", "no_key", "No key")
    (row,) = model_rows([state])
    assert (row.note, row.enabled) == ("Needs a key", False)
    assert "Parrot" not in str(info_rows([state], KEYRING))


def test_a_server_elsewhere_costs_nothing_and_is_not_this_computer() -> None:
    model = replace(LLAMA, provider="attic")
    there = ProviderState(
        "attic", "Attic", "ollama", "ready", models=(model,), base_url="http://192.168.1.20:11434"
    )
    assert {row.note for row in model_rows([there]) if row.reference} == {"Free"}
    choice = choose([there], model.reference, model)
    assert choice is not None
    assert choice.cost == "Free"
    assert "on this computer" not in welcome_line(choice, [there], nothing_usable=False)
    assert [row.key for row in info_rows([OLLAMA, there], None)] == ["ollama"]


def test_favourites_come_first_and_hidden_models_are_left_out() -> None:
    rows = model_rows(ALL, favourites=["ollama:gemma3:4b"], hidden=["ollama:llama3.2:3b", "openai:gone"])
    assert [row.name for row in rows] == ["gemma3:4b", "gpt-6.1-sol", "SmolLM2 135M", "Gemini", "studio-mac"]
