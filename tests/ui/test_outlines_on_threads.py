"""Formulas drawn by several transcripts at once, and on a machine that has other things to do."""

from __future__ import annotations

import string
import threading
import time

import pytest

from aiproxy_desktop.ui.chat.transcript.maths.outlines import EM, outline
from aiproxy_desktop.ui.markdown.formulas import Latex


class _Waiting:
    closed = False


def test_transcripts_side_by_side_draw_whole_letters(qapp: object) -> None:
    wrong: list[str] = []

    def draw(alphabet: str) -> None:
        for letter in string.ascii_letters:
            found = outline(Latex(rf"\{alphabet}{{{letter}}}", display=False), _Waiting())
            if found is None or not 0.3 * EM < found.ascent < 1.2 * EM:
                wrong.append(f"{alphabet} {letter}")

    # Letters that nothing else draws: those drawn once are known from then on.
    threads = [threading.Thread(target=draw, args=(name,)) for name in ("mathfrak", "mathbb", "mathscr")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_waiting_for_the_machine_does_not_count_as_work(
    qapp: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    formula = Latex(r"\frac{a}{b}", display=True)
    assert outline(formula, _Waiting()) is not None
    from ziamath import tex

    def late(*arguments: object, **more: object) -> str:
        time.sleep(2.5)
        return read(*arguments, **more)  # type: ignore[arg-type]  # handed on as they came

    read = tex.tex2mml
    monkeypatch.setattr(tex, "tex2mml", late)
    assert outline(formula, _Waiting()) is not None
