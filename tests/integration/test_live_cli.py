"""`aiproxy-desktop live`: speech out of files to live services on loopback, and their answers into one."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aiproxy_desktop.audio.pcm import samples_of
from aiproxy_desktop.audio.sound_file import Sound, decoded
from aiproxy_desktop.cli import command_line
from aiproxy_desktop.commands.live import speak_files
from aiproxy_desktop.core.errors import (
    AIProxyError,
    AuthenticationError,
    MediaError,
    MissingKeyError,
    ProviderTimeoutError,
    RequestError,
    UnknownModelError,
)
from aiproxy_desktop.core.live.values import OUTPUT_RATE
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.storage.errors import StorageError
from tests.integration.test_cli import one_line, start
from tests.live_servers import GeminiLive, LiveServer, OpenAIRealtime
from tests.live_servers.sound import tone
from tests.seed.services import Authority
from tests.unit.audio.sounds import correlation, wav
from tests.waiting import until

KEY = "live-key-0123456789"
MODELS = {GeminiLive: "gemini:gemini-3.8-live", OpenAIRealtime: "gpt-realtime-2.1"}
QUESTIONS = ("What time is it in Berlin now?", "And where does the sun rise?")


def environment(server: LiveServer) -> dict[str, str]:
    if isinstance(server, GeminiLive):
        return {"GEMINI_API_KEY": KEY, "GOOGLE_GEMINI_BASE_URL": server.url}
    return {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.url}


@pytest.fixture
async def server(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[LiveServer]:
    authority = Authority.make(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    service: type[LiveServer] = getattr(request, "param", GeminiLive)
    async with service(tls=authority.context()) as found:
        for name, value in environment(found).items():
            monkeypatch.setenv(name, value)
        yield found
    assert not found.refusals


def spoken(folder: Path) -> list[Path]:
    """The questions as files of speech."""
    paths = [folder / f"question-{number}.wav" for number in range(len(QUESTIONS))]
    for path, text in zip(paths, QUESTIONS, strict=True):
        subprocess.run(["espeak-ng", "-w", str(path), text], check=True)
    return paths


@pytest.fixture
def question(tmp_path: Path) -> Path:
    path = tmp_path / "question.wav"
    path.write_bytes(wav(tone(0.5), OUTPUT_RATE))
    return path


def read(path: Path) -> Sound:
    return decoded(path.read_bytes(), path.name).at(OUTPUT_RATE)


def likeness(one: Sound, other: Sound) -> float:
    """Their correlation where it is greatest, within some milliseconds."""
    left, right = samples_of(one.pcm), samples_of(other.pcm)
    return max(correlation(left[200 + shift : -200], right[200:-200]) for shift in range(-100, 101, 4))


async def live(server: LiveServer, *arguments: str | Path) -> None:
    """The command with the server's model, where none is named after it."""
    await run("-m", MODELS[type(server)], *arguments)


async def run(*arguments: str | Path) -> None:
    await speak_files(command_line().parse_args(["live", *map(str, arguments)]), Redactor())


@pytest.mark.parametrize(
    ("server", "suffix"), [(GeminiLive, "wav"), (OpenAIRealtime, "flac")], indirect=["server"]
)
async def test_what_is_said_comes_back(
    server: LiveServer, suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.behave(echo=True, transcripts="late" if suffix == "wav" else "between")
    questions, target = spoken(tmp_path), tmp_path / f"answer.{suffix}"
    files = [part for path in questions for part in ("--file", path)]
    await live(server, *files, "-o", target, "--transcript", "--system", "Be brief.")

    asked = [read(path) for path in questions]
    both = Sound(b"".join(one.pcm for one in asked), OUTPUT_RATE)
    answer = read(target)
    assert answer.seconds == pytest.approx(both.seconds, abs=0.05)
    assert likeness(answer, both) > 0.9
    assert len(server.turns) == 2
    out, err = capsys.readouterr()
    assert out == "You: Good morning\nAnswer: Hello from loopback\n" * 2
    assert re.fullmatch(r"asked \d\.\d s, answered \d\.\d s, [\d,]+ tokens, \$0\.\d+\n", err)

    await refused(StorageError, "is there already", live(server, "--file", questions[0], "-o", target))
    server.behave(echo=False, length=0.2)
    await run("--file", questions[0], "-o", target, "--force")  # with whom there is a key for
    assert read(target).seconds == pytest.approx(0.2, abs=0.01)


async def refused(kind: type[AIProxyError], said: str, work: object) -> None:
    assert hasattr(work, "__await__")
    with pytest.raises(kind, match=said) as caught:
        await work
    assert KEY not in str(caught.value)


async def test_what_goes_wrong_is_said_in_a_sentence(
    server: LiveServer,
    question: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    target = tmp_path / "answer.wav"
    ask = ("--file", question, "-o", target)
    letter = tmp_path / "letter.wav"
    letter.write_text("What time is it?")
    await refused(MediaError, "“letter.wav” is no sound", live(server, "--file", letter, "-o", target))
    await refused(RequestError, "not there", live(server, "--file", tmp_path / "none.wav", "-o", target))
    await refused(RequestError, "format", live(server, "--file", question, "-o", tmp_path / "answer.mp3"))
    none = tmp_path / "none" / "answer.wav"
    await refused(StorageError, "no folder", live(server, "--file", question, "-o", none))
    await refused(RequestError, "no voice “Nobody”.*It has ", live(server, *ask, "--voice", "Nobody"))
    near = MODELS[type(server)].replace("e", "3", 1)
    await refused(UnknownModelError, f"“{near}”.*Did you mean", live(server, *ask, "-m", near))
    assert not server.connections

    server.behave(fault="key")
    await refused(AuthenticationError, "did not accept the key", live(server, *ask))
    server.behave(fault="rights")
    await refused(AIProxyError, "refused access", live(server, *ask))
    server.behave(fault="silent")
    await refused(ProviderTimeoutError, "silent for 1 seconds", live(server, *ask, "--timeout", "1"))
    server.behave(fault="never_ready")
    await refused(AIProxyError, "took too long", live(server, *ask, "--timeout", "1"))
    assert not target.exists()

    server.behave(fault="drop", length=0.4, transcripts="before")
    capsys.readouterr()
    await refused(AIProxyError, "broke", live(server, *ask))
    assert capsys.readouterr().err.startswith("What had come of the answer is saved")
    assert 0 < read(target).seconds < 0.4

    for name in environment(server):
        monkeypatch.delenv(name)
    await refused(MissingKeyError, "There is no key", live(server, *ask, "--force"))


async def test_it_is_a_command(server: LiveServer, question: Path, tmp_path: Path) -> None:
    target = tmp_path / "answer.wav"
    arguments = ("live", "--file", str(question), "-m", MODELS[type(server)], "-o")
    process = await start(*arguments, "-")
    out, err = await process.communicate()
    assert process.returncode == 0
    assert decoded(out, "answer").rate == OUTPUT_RATE
    assert err.startswith(b"Hello from loopback\nasked 0.5 s, answered ")

    server.behave(fault="key")
    process = await start(*arguments, str(target))
    out, err = await process.communicate()
    assert (process.returncode, out) == (1, b"")
    assert one_line(err.decode())

    server.behave(fault="silent")
    process = await start(*arguments, str(target))
    await until(lambda: len(server.turns) == 2, "the question is there")
    process.send_signal(signal.SIGINT)
    out, err = await process.communicate()
    assert (process.returncode, out, err) == (130, b"", b"")
    assert not target.exists()
