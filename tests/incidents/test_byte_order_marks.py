"""Files that Windows' tools wrote: PowerShell's Set-Content and Notepad begin UTF-8 with a mark, ``>`` writes UTF-16.

Every JSON and TOML file with one was refused as damaged. A mark is no part of the text, nor of a model's.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from data_factory import write_dataset

from omnibench.cli import main

MARKS: dict[str, Callable[[bytes], bytes]] = {
    "utf-8 with a mark": lambda content: b"\xef\xbb\xbf" + content,
    "utf-16": lambda content: content.decode().encode("utf-16"),
}
MODEL = b"""\
from omnibench import ListenerFrame, ModelCard

class Mine:
    card = ModelCard("mine", "1", "online", ("words",), "Says nothing.")
    def __init__(self, x=0):
        pass
    def open(self, context):
        return self
    def step(self, frame):
        return ListenerFrame()
    def close(self):
        pass
"""


@pytest.mark.parametrize("mark", MARKS)
def test_every_file_of_a_stranger_may_have_one(mark: str, tmp_path: Path) -> None:
    marked = MARKS[mark]
    kinds = ("audio", "vector", "text")
    data = write_dataset(tmp_path / "data", ids=("a", "b", "c"), seconds=0.6, modalities=kinds)
    (data / "manifest.json").write_text(json.dumps({"splits": {"test": [{"id": name} for name in "abc"]}}))
    (tmp_path / "mine.toml").write_text('extends = "strict"\n')
    (tmp_path / "settings.toml").write_text("x = 1\n")
    answers = tmp_path / "answers"
    shutil.copytree(data / "test/text/listener", answers / "text")
    for path in [*tmp_path.rglob("*.json"), *tmp_path.rglob("*.toml")]:
        path.write_bytes(marked(path.read_bytes()))
    model = tmp_path / "model.py"
    model.write_bytes(MARKS["utf-8 with a mark"](MODEL))
    assert main(["data", "verify", str(data)]) == 0
    protocol = ["--protocol", str(tmp_path / "mine.toml"), "--metrics", "rouge_l"]
    assert main(["score", str(answers), "--data", str(data), *protocol]) == 0
    out, config = tmp_path / "out", str(tmp_path / "settings.toml")
    play = ["run", "--model", f"{model}:Mine", "--data", str(data), "--out", str(out), "--config", config]
    assert main([*play, "--workers", "0", "--no-score"]) == 0
    for name in ("run.json", "journal.jsonl"):
        (out / name).write_bytes(MARKS["utf-8 with a mark"]((out / name).read_bytes()))
    assert main(["score", str(out), "--protocol", "offline", "--metrics", "rouge_l"]) == 0


def test_lines_in_utf_16_are_refused_with_what_converts_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text").mkdir()
    (tmp_path / "text/a.json").write_text('{"text": "x"}')
    (tmp_path / "journal.jsonl").write_bytes("{}\n".encode("utf-16"))
    assert main(["score", str(tmp_path), "--data", "mini"]) == 4
    assert "UTF-16 text, expected UTF-8. Save it as UTF-8: iconv" in capsys.readouterr().err
