"""How much memory a model takes, and what a machine has."""

from __future__ import annotations

from pathlib import Path

import pytest

from aiproxy_desktop.core.providers.builtin.memory import ModelShape, fit, largest_context, needed_bytes
from aiproxy_desktop.system import memory_available, memory_total

GB = 10**9
SHAPE = ModelShape((8 * 256,) * 32, 4096)


def test_the_context_counts_for_what_its_cells_hold() -> None:
    assert SHAPE.cache_bytes(8192) == 32 * 8 * 256 * 2 * 8192
    assert SHAPE.cache_bytes(1) == SHAPE.cache_bytes(256)


def test_what_is_needed_grows_with_the_context_alone() -> None:
    small, large = needed_bytes(GB, SHAPE, 2048), needed_bytes(GB, SHAPE, 8192)
    assert small is not None
    assert large is not None
    assert large - small == SHAPE.cache_bytes(8192) - SHAPE.cache_bytes(2048)
    assert small > GB + SHAPE.cache_bytes(2048)


@pytest.mark.parametrize(
    ("size", "shape", "available", "total", "verdict"),
    [
        (GB, SHAPE, 8 * GB, 16 * GB, "fits"),
        (GB, SHAPE, 2 * GB, 16 * GB, "tight"),
        (8 * GB, SHAPE, 8 * GB, 16 * GB, "tight"),
        (20 * GB, SHAPE, 8 * GB, 16 * GB, "too_large"),
        (20 * GB, None, 8 * GB, 16 * GB, "too_large"),
        (GB, None, 8 * GB, 16 * GB, "unknown"),
        (GB, SHAPE, None, 16 * GB, "unknown"),
        (GB, SHAPE, None, None, "unknown"),
        (GB, SHAPE, 8 * GB, None, "fits"),
    ],
)
def test_the_verdict_says_what_is_known(
    size: int, shape: ModelShape | None, available: int | None, total: int | None, verdict: str
) -> None:
    assert fit(size, shape, 8192, available, total).verdict == verdict


def test_a_smaller_context_is_found_where_one_fits() -> None:
    choices = (2048, 8192, 32768, 131072)
    assert largest_context(4 * GB, SHAPE, choices, 7 * GB, 16 * GB) == 8192
    assert largest_context(9 * GB, SHAPE, choices, 7 * GB, 16 * GB) is None
    assert largest_context(GB, None, choices, 7 * GB, 16 * GB) is None


def machine(root: Path, *, group: str = "", limit: str = "max", used: int = 0, files: int = 0) -> Path:
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/meminfo").write_text(
        "MemTotal:  16000 kB\nMemFree: 100 kB\nMemAvailable:  9000 kB\nHuge: 0\n"
    )
    (root / "proc/self/cgroup").write_text(f"0::/{group}\n")
    folder = root / "sys/fs/cgroup" / group
    folder.mkdir(parents=True)
    (folder / "memory.max").write_text(f"{limit}\n")
    (folder / "memory.current").write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 5\nfile {files}\n")
    return root


def test_a_machine_without_limits_has_what_the_kernel_says(tmp_path: Path) -> None:
    root = machine(tmp_path)
    assert (memory_total(root), memory_available(root)) == (16_384_000, 9_216_000)


@pytest.mark.parametrize("group", ["", "user.slice/app.scope"])
def test_a_container_has_what_it_may_have(tmp_path: Path, group: str) -> None:
    root = machine(tmp_path, group=group, limit="8000000", used=5_000_000, files=1_000_000)
    assert (memory_total(root), memory_available(root)) == (8_000_000, 4_000_000)


def test_what_cannot_be_read_is_not_known(tmp_path: Path) -> None:
    assert (memory_total(tmp_path), memory_available(tmp_path)) == (None, None)
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/meminfo").write_text("MemTotal: lots\nnonsense\n")
    assert memory_total(tmp_path) is None


def test_this_machine_has_memory() -> None:
    total, available = memory_total(), memory_available()
    assert total is not None
    assert available is not None
    assert 0 < available <= total
