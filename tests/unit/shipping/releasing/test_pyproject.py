"""What pyproject.toml says a second time, since it cannot ask: the same as the tree says elsewhere."""

from __future__ import annotations

import re
import tomllib
from email.utils import formataddr
from typing import Any

import pytest
from trove_classifiers import classifiers

from aiproxy_desktop import project
from tests.source import REPOSITORY


@pytest.fixture(scope="module")
def table() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    return found


def test_it_is_called_as_the_project_is(table: dict[str, Any]) -> None:
    assert (table["name"], table["description"]) == (project.COMMAND, project.SUMMARY)
    (author,) = table["authors"]
    assert formataddr((author["name"], author["email"])) == project.MAINTAINER
    assert table["scripts"] == {project.COMMAND: "aiproxy_desktop.cli:start"}


def test_every_address_is_of_the_repository(table: dict[str, Any]) -> None:
    assert table["urls"]["Source"] == project.REPOSITORY
    assert all(address.startswith(project.REPOSITORY) for address in table["urls"].values())


def test_its_classifiers_exist_and_agree_with_the_least_python(table: dict[str, Any]) -> None:
    assert not set(table["classifiers"]) - classifiers
    least = re.fullmatch(r">=(\d+\.\d+)", table["requires-python"])
    assert least
    versions = re.findall(r"Python :: (\d+\.\d+)", "\n".join(table["classifiers"]))
    assert versions[0] == least[1]


def test_the_least_that_is_asked_for_is_locked(table: dict[str, Any]) -> None:
    locked = dict(
        re.findall(r"(?m)^([a-z0-9-]+)==(\S+)", (REPOSITORY / "requirements.lock").read_text("utf-8"))
    )
    names = {re.split(r"[^A-Za-z0-9-]", wanted)[0] for wanted in table["dependencies"]}
    assert not names - set(locked)
