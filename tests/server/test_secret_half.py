"""A board on a secret half: a team has the speakers alone, the server the whole."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hosted import TEAM, Hosted, wait_for
from withheld_factory import write_both

pytestmark = pytest.mark.server

MODEL = """
from omnibench.responder import ModelCard
from omnibench.types import ListenerFrame, Word

class Model:
    card = ModelCard("chorus", "1", "online", ("words",), "Says hm")
    def open(self, context):
        self.fps = float(context.fps)
        return self
    def step(self, frame):
        now = (frame.index + 1) / self.fps
        return ListenerFrame(words=(Word("well", now - 0.2, now - 0.1),) if frame.index == 20 else ())
    def close(self):
        pass
"""


def _omnibench(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "omnibench", *words]
    return subprocess.run(line, capture_output=True, text=True, cwd=folder, check=False)


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """The whole, and an archive of answers to what was given out of it."""
    host, team = tmp_path_factory.mktemp("host"), tmp_path_factory.mktemp("team")
    whole, inputs = write_both(host)
    inputs.rename(team / "inputs")
    (team / "model.py").write_text(MODEL)
    ran = _omnibench(team, "run", "--data", "inputs", "--model", "model.py:Model", "--out", "run", "--no-video")
    assert ran.returncode == 0, ran.stderr
    assert "not scored; nothing to compare with" in ran.stderr
    scored = _omnibench(team, "score", "run")
    assert scored.returncode == 3
    assert "omnibench submit run" in scored.stderr
    verified = _omnibench(team, "data", "verify", "inputs")
    assert (verified.returncode, verified.stdout.strip()) == (
        0, "inputs: 3 dialogues of speakers alone, 0 errors, 0 warnings"
    )  # fmt: skip
    packed = _omnibench(team, "submit", "run", "--team", TEAM, "--contact", "lab@example.org", "--out", "sent.zip")
    assert packed.returncode == 0, packed.stderr
    return whole, (team / "sent.zip").read_bytes()


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Hosted]:
    (tmp_path / "entries").mkdir()
    made = Hosted(tmp_path / "home", ["--entries", str(tmp_path / "entries"), "--protocol", "strict"])
    yield made
    made.close()


def _judged(board: Hosted, data: Path, archive: bytes) -> dict[str, object]:
    board.scoring = [*board.scoring, "--metrics", "rouge_l,distinct_2", "--data", str(data)]
    token = board.token()
    board.start(workers=1)
    return dict(board.ended(board.post(archive, token).json["id"], token))


def test_answers_to_speakers_alone_are_scored_by_the_whole(board: Hosted, sent: tuple[Path, bytes]) -> None:
    whole, archive = sent
    end = _judged(board, whole, archive)
    assert (end["state"], end["reasons"]) == ("published", [])
    wait_for(lambda: board.get(str(end["page"])).status == 200)
    entry = board.get(f"/api/v1/entries/{end['entry']}").json
    scores = entry["scores"]["strict"]
    assert scores["data"]["name"] == "secret-half"
    assert scores["metrics"]["rouge_l"]["n_expected"] == 3
    assert entry["flags"] == []
    assert "checked" in entry["verification"]["checks"].values()


def test_a_whole_with_other_listeners_is_not_the_whole(board: Hosted, sent: tuple[Path, bytes], tmp_path: Path) -> None:
    whole, archive = sent
    changed = shutil.copytree(whole, tmp_path / "changed")
    text = changed / "test" / "text" / "listener" / "d0.json"
    content = json.loads(text.read_text())
    text.write_text(json.dumps({**content, "text": f"{content['text']} well"}))
    end = _judged(board, changed, archive)
    assert end["state"] == "refused"
    assert "data.manifest" in str(end["reasons"])
