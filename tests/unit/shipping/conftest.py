from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.shipping.small_tree import SmallTree


@pytest.fixture
def tree(tmp_path: Path) -> SmallTree:
    """A small project with a version 0.1.0 that was released, ready for the next."""
    tree = SmallTree(tmp_path / "a tree")
    tree.top.mkdir()
    tree.begin()
    return tree
