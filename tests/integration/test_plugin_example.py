"""The example of a plug-in, built and installed as a reader would, and asked from the command line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.source import REPOSITORY


def test_the_example_installs_and_answers(tmp_path: Path) -> None:
    source, packages = tmp_path / "source", tmp_path / "packages"
    shutil.copytree(REPOSITORY / "examples" / "provider_plugin", source)
    options = ["--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "--target", str(packages), str(source)], check=True
    )
    environment = os.environ | {"PYTHONPATH": f"{packages}{os.pathsep}{REPOSITORY}", "SHOUT_SUFFIX": "?!"}
    program = (
        "import asyncio\n"
        "from aiproxy_desktop.core import CompletionClient\n"
        "async def main():\n"
        "    async with CompletionClient() as client:\n"
        "        said = [{'role': 'user', 'content': 'good morning'}]\n"
        "        answer = await client.create_completion(said, model='shout:loud')\n"
        "        print(answer['choices'][0]['message']['content'])\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "GOOD MORNING?!"


def test_the_example_is_as_short_as_it_says() -> None:
    lines = (REPOSITORY / "examples" / "provider_plugin" / "shout_provider.py").read_text().splitlines()
    assert len([line for line in lines if line.strip()]) <= 40
