"""Streams into a real transcript and prints what its frames cost. Run by bench_transcript in a process."""

from __future__ import annotations

import gc
import json
import statistics
import sys
import time
from collections.abc import Callable

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from aiproxy_desktop.ui.chat.transcript.messages import TranscriptMessage
from aiproxy_desktop.ui.chat.transcript.transcript import Transcript
from aiproxy_desktop.ui.theme.controller import ThemeController

SIZE = 100_000
TOKEN = 4
TOKENS_A_SECOND = 1000
FRAME = 16 * TOKEN
_STREAM_SECONDS = 10
_TABLE = "| a | b | c |\n|---|---|---|\n"

_MIXED = """## Part {0}

The quick **brown** fox `jumps` over the lazy dog, and [a page](https://example.org/{0}) tells why it did,
in a paragraph that is long enough to be broken over two or three lines of the column it stands in.

1. **First.** Run `ANALYZE orders;` and read the plan again.
2. **Second.** Two single ones *rarely* help.
   - a nested item
   - and another

| In the plan | Likely cause | Remedy |
|---|---|---|
| Estimated {0} row | Stale statistics | Analyse, then look again |
| Rows removed | No usable index | Composite index |

```python
def part_{0}(rows: list[int]) -> int:
    \"\"\"Add up what is there.\"\"\"
    return sum(row for row in rows if row > {0})  # the rest is left out
```

> A quotation of {0} words.

"""

_MATHS = r"""The sum $s_{{{0}}} = \sum_{{i=1}}^{{{0}}} a_i$ of the {0} terms[^{0}], where
$a_i = \frac{{i}}{{{0}}}$, is known.

$$
S_{{{0}}} = \left( \frac{{\sum_i x_i^{{{0}}}}}{{{0}}} \right)^2
$$

[^{0}]: See [the page][{0}].

[{0}]: https://example.org/{0}

"""


def _repeat(make: Callable[[int], str]) -> str:
    parts: list[str] = []
    size = 0
    while size < SIZE:
        parts.append(make(len(parts)))
        size += len(parts[-1])
    return "".join(parts)[:SIZE]


TEXTS: dict[str, Callable[[], str]] = {
    "mixed": lambda: _repeat(_MIXED.format),
    "paragraph": lambda: _repeat(lambda n: f"word{n} and **bold {n}** with `code`, then more of the same; "),
    "list": lambda: _repeat(lambda n: f"- item {n} with a few **words** of text\n"),
    "table": lambda: _TABLE + _repeat(lambda n: f"| row {n} | cell `{n}` | text |\n"),
    "code": lambda: "```python\n" + _repeat(lambda n: f"    value_{n} = compute({n}, 'text')  # comment\n"),
    "unbroken": lambda: "x" * SIZE,
    "maths": lambda: _repeat(_MATHS.format),
}  # fmt: skip


def _begin(transcript: Transcript) -> None:
    transcript.set_messages([TranscriptMessage("answer", "assistant", "", state="streaming")])


def _frame(app: QApplication, transcript: Transcript, text: str) -> float:
    """Milliseconds of CPU in the window's thread for one frame: append, lay out, paint."""
    began = time.thread_time()
    transcript.append_text("answer", text)
    transcript.viewport().repaint()
    app.processEvents()
    return (time.thread_time() - began) * 1000


def frames(app: QApplication, early: Transcript, late: Transcript, text: str) -> dict[str, float]:
    """What the frames of one long answer cost.

    The last tenth is streamed into one transcript while the first tenth is streamed into another, frame
    by frame in turn: a busy moment of the machine meets both.
    """
    _begin(early)
    _begin(late)
    parts = [text[start : start + FRAME] for start in range(0, len(text), FRAME)]
    tenth = len(parts) // 10
    costs = [_frame(app, late, part) for part in parts[:-tenth]]
    first, last = [], []
    for one, other in zip(parts[:tenth], parts[-tenth:], strict=True):
        first.append(_frame(app, early, one))
        last.append(_frame(app, late, other))
    costs += last
    return {
        "ratio": statistics.fmean(last) / statistics.fmean(first),
        "ratio_of_medians": statistics.median(last) / statistics.median(first),
        "median_ms": statistics.median(costs),
        "p99_ms": statistics.quantiles(costs, n=100)[98],
        "longest_ms": max(costs),
    }


def stream(transcript: Transcript, text: str) -> dict[str, float]:
    """Tokens at full speed, taken over once a frame: the longest stall of the loop, and CPU a token."""
    _begin(transcript)
    loop = QEventLoop()
    began = time.perf_counter()
    sent, longest, before = 0, 0.0, began
    busiest, worked = 0.0, time.thread_time()
    beat, feed = QTimer(), QTimer()

    def tick() -> None:
        nonlocal longest, before, busiest, worked
        now, work = time.perf_counter(), time.thread_time()
        longest, busiest = max(longest, now - before), max(busiest, work - worked)
        before, worked = now, work

    def send() -> None:
        nonlocal sent
        due = min(int((time.perf_counter() - began) * TOKENS_A_SECOND), len(text) // TOKEN)
        transcript.append_text("answer", text[sent * TOKEN : due * TOKEN])
        sent = due

    beat.timeout.connect(tick)
    feed.timeout.connect(send)
    beat.start(1)
    feed.start(16)
    QTimer.singleShot(_STREAM_SECONDS * 1000, loop.quit)
    cpu = time.process_time()
    loop.exec()
    cpu = time.process_time() - cpu
    beat.stop()
    feed.stop()
    return {
        "longest_stall_ms": longest * 1000,
        "longest_turn_cpu_ms": busiest * 1000,
        "cpu_ms_a_token": cpu * 1000 / max(1, sent),
    }


def formulas(app: QApplication, transcript: Transcript) -> dict[str, float]:
    """A paragraph of different formulas while they are drawn: the window's longest turn, by its own CPU."""
    text = " , ".join(f"$x_{{{number}}}^2$" for number in range(300))
    transcript.set_messages([TranscriptMessage("answer", "assistant", text)])
    longest, times = 0.0, 0
    piece = transcript.column.piece(0, 0)
    drawn = len(piece.wanted())
    latest = time.monotonic() + _STREAM_SECONDS * 6
    while piece.wanted() and time.monotonic() < latest:
        before = piece.text
        began = time.thread_time()
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)
        longest = max(longest, time.thread_time() - began)
        times += piece.text != before
    return {"longest_turn_ms": longest * 1000, "times": times, "drawn": drawn}


def opening(app: QApplication, transcript: Transcript) -> dict[str, float]:
    """Milliseconds of CPU to show a conversation of 10,000 messages, and to leaf up and down in it."""
    answer = TEXTS["mixed"]()[:1500]
    messages = [
        TranscriptMessage(str(n), "assistant", answer) if n % 2 else TranscriptMessage(str(n), "user", "Why?")
        for n in range(10_000)
    ]
    began = time.thread_time()
    transcript.set_messages(messages)
    transcript.viewport().repaint()
    opened = (time.thread_time() - began) * 1000
    steps: list[float] = []
    for step in range(200):
        began = time.thread_time()
        bar = transcript.verticalScrollBar()
        bar.setValue(bar.value() + (-200 if step < 100 else 200))
        transcript.viewport().repaint()
        app.processEvents()
        steps.append((time.thread_time() - began) * 1000)
    return {"open_ms": opened, "scroll_median_ms": statistics.median(steps), "scroll_longest_ms": max(steps)}


def main() -> int:
    """Print one line of JSON."""
    sys.setswitchinterval(0.0005)
    app = QApplication(sys.argv[:1])
    themes = ThemeController(app, "light")
    early, late = Transcript(themes), Transcript(themes)
    for transcript in (early, late):
        transcript.resize(956, 640)
        transcript.show()
    app.processEvents()
    only = sys.argv[1:]
    result: dict[str, dict[str, float]] = {}
    frames(app, early, late, TEXTS["mixed"]()[:5000])
    # A full collection walks every module imported so far (35 ms), whatever is streamed meanwhile.
    gc.collect()
    gc.freeze()
    for name, text in TEXTS.items():
        if not only or name in only:
            result[name] = frames(app, early, late, text())
    early.close()
    if not only or "stream" in only:
        result["stream"] = stream(late, TEXTS["mixed"]())
    if not only or "formulas" in only:
        result["formulas"] = formulas(app, late)
    if not only or "opening" in only:
        result["opening"] = opening(app, late)
    late.close()
    sys.stdout.write(json.dumps(result) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
