"""The README's first page is true: its commands are commands, and its example of a prediction is one that is scored."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from omnibench.cli import cli, main
from omnibench.datasets.opening import open_dataset

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
README = PAGES[0].read_text(encoding="utf-8")


def command_lines() -> Iterator[str]:
    """All that stands in a code block's line of its own, or between backticks, and begins with `omnibench`."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        blocks = [line.partition(" #")[0].strip() for line in text.splitlines() if line.startswith("    ")]
        for line in [*blocks, *re.findall(r"`(omnibench [^`]+)`", text)]:
            yield from (part.strip() for part in line.split("&&") if part.strip().startswith("omnibench "))


@pytest.mark.parametrize("line", sorted(set(command_lines())))
def test_commands_and_options_exist(line: str) -> None:
    words = shlex.split(line.replace("…", "x").rstrip("."))[1:]
    command: click.Command = cli
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(click.Context(command), words[0])
        assert found is not None, f"no command {words[0]}"
        command, words = found, words[1:]
    options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    unknown = [word for word in words if word.startswith("--") and word.partition("=")[0] not in {*options, "--help"}]
    assert not unknown


def test_the_example_of_a_prediction_is_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    named = re.search(r"`text/([^`]+)\.json`:", README)
    assert named is not None
    assert named[1] in open_dataset("mini").ids("test")
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / f"{named[1]}.json").write_text(json.dumps(json.loads(block)))
    arguments = ["score", str(tmp_path), "--data", "mini", "--metrics", "meteor,answered_2s", "--allow-partial"]
    assert main(arguments) == 0, capsys.readouterr().err
    sample = json.loads((tmp_path / "samples.jsonl").read_text().splitlines()[0])
    assert sample["id"] == named[1]
    assert sample["status"] == "ok" or sample["metrics"]["meteor"]["status"] == "ok"


def test_the_first_page_is_a_page() -> None:
    """What a newcomer needs stands before the details: uses, commands, layout, citation."""
    first = README.split("## What you see")[0].splitlines()
    assert len(first) <= 90
    page = "\n".join(first)
    for part in ("omnibench score PREDICTIONS", "omnibench run --model my_listener.py:MyListener", "omnibench table 2",
                 "pip install -e . && omnibench run --model omniresponse", "pip install tox && tox", "```json",
                 "@inproceedings", "download.pytorch.org/whl/cpu", "Linux"):  # fmt: skip
        assert part in page, part
