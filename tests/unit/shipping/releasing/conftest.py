from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.shipping.releasing.small_tree import SmallTree


@pytest.fixture(scope="session")
def small_tree(tmp_path_factory: pytest.TempPathFactory) -> SmallTree:
    """To be copied, since making one takes longer."""
    tree = SmallTree(tmp_path_factory.mktemp("small") / "a tree")
    tree.begin()
    return tree


@pytest.fixture
def tree(small_tree: SmallTree, tmp_path: Path) -> SmallTree:
    """A small project with a version 0.1.0 that was released, ready for the next."""
    return small_tree.copy(tmp_path)
