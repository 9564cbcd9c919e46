"""Speakers alone: played, checked and packed as a data set; the whole shows that its listeners are the same."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from listeners import Echo
from withheld_factory import IDS, SALT, write_both

import omnibench
from omnibench.cli import main
from omnibench.datasets.giving_out import give_out
from omnibench.datasets.opening import open_dataset
from omnibench.datasets.verify import verify
from omnibench.datasets.withheld import commitment
from omnibench.errors import InputError, MissingError
from omnibench.predictions.folder import Predictions
from omnibench.predictions.origin import is_own
from omnibench.runner.context import make_context


@pytest.fixture
def both(tmp_path: Path) -> tuple[Path, Path]:
    return write_both(tmp_path)


def _hash(folder: Path) -> str:
    return open_dataset(str(folder)).manifest_hash("test")


def _known(folder: Path) -> tuple[str, ...]:
    return open_dataset(str(folder)).known_hashes("test")


def test_nothing_of_a_listener_is_given_out(both: tuple[Path, Path]) -> None:
    whole, inputs = both
    given = {path.relative_to(inputs).as_posix() for path in inputs.rglob("*") if path.is_file()}
    assert not [name for name in given if "listener" in name]
    assert {f"test/context/{name}.npz" for name in IDS} < given
    manifest = (inputs / "manifest.json").read_text()
    assert SALT not in manifest
    assert "listener/" not in manifest
    assert "told-by-the-script" not in manifest
    listeners = {path.read_bytes() for path in (whole / "test").glob("*/listener/*")}
    assert not listeners & {(inputs / name).read_bytes() for name in given}


def test_the_whole_answers_for_what_was_given_out(both: tuple[Path, Path]) -> None:
    whole, inputs = both
    own, given = _known(whole)
    assert own == _hash(whole) != given == _hash(inputs)
    assert _known(inputs) == (given,)


@pytest.mark.parametrize(
    "changed", ["text/listener/d1.json", "audio/listener/d0.wav", "vector/speaker/d2.npy", "context/d0.npz"]
)
def test_a_change_of_the_whole_breaks_the_link(both: tuple[Path, Path], changed: str) -> None:
    whole, inputs = both
    path = whole / "test" / changed
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert _hash(inputs) not in _known(whole)


def test_a_file_that_comes_or_goes_breaks_the_link(both: tuple[Path, Path]) -> None:
    whole, inputs = both
    (whole / "test" / "video" / "listener" / "d2.mp4").unlink()
    assert _hash(inputs) not in _known(whole)


def test_a_commitment_binds_to_names_content_and_salt(tmp_path: Path) -> None:
    path, other = tmp_path / "a", tmp_path / "b"
    path.write_bytes(b"words")
    other.write_bytes(b"others")
    found = {
        commitment("one", [("x", path), ("y", other)]),
        commitment("two", [("x", path), ("y", other)]),
        commitment("one", [("x", other), ("y", path)]),
        commitment("one", [("x", path)]),
    }
    assert len(found) == 4
    assert commitment("one", [("y", other), ("x", path)]) in found


def test_both_tell_a_model_the_same(both: tuple[Path, Path]) -> None:
    for name in IDS:
        contexts = []
        for folder in both:
            data = open_dataset(str(folder))
            contexts.append(make_context(data, "test", data.dialogue("test", name), 0))
        first, second = contexts
        for part in ("portrait", "voice_reference", "initial_face"):
            np.testing.assert_array_equal(getattr(first, part), getattr(second, part))
        assert (first.fps, first.sample_rate, first.identity) == (second.fps, second.sample_rate, second.identity)
        assert second.voice_reference_is_own_clip is False


def test_speakers_alone_are_sound_data(both: tuple[Path, Path]) -> None:
    data = open_dataset(str(both[1]))
    assert verify(data, ("test",), lambda _: None) == []
    dialogue = data.dialogue("test", "d0")
    assert dialogue.frames == open_dataset(str(both[0])).dialogue("test", "d0").frames
    with pytest.raises(InputError, match="speakers alone"):
        dialogue.listener.audio()


def test_what_should_not_be_there_or_is_damaged_is_said(both: tuple[Path, Path]) -> None:
    whole, inputs = both
    stray = inputs / "test" / "text" / "listener" / "d0.json"
    stray.parent.mkdir()
    stray.write_bytes((whole / "test" / "text" / "listener" / "d0.json").read_bytes())
    (inputs / "test" / "context" / "d1.npz").write_bytes(b"PK")
    (inputs / "test" / "context" / "d2.npz").unlink()
    problems = verify(open_dataset(str(inputs)), ("test",), lambda _: None)
    said = {(problem.file, problem.message.split(";")[0].split(":")[0]) for problem in problems}
    assert ("test/text/listener/d0.json", "manifest.json says that the listeners are withheld") in said
    assert {file for file, _ in said} >= {"test/context/d1.npz", "test/context/d2.npz"}


def test_answers_are_made_and_not_scored(
    both: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, inputs = both
    ended = omnibench.run(Echo, inputs, out=tmp_path / "run", video=False)
    ended.check()
    assert ended.scores is None
    assert "not scored; nothing to compare with: this data set gives out speakers alone" in capsys.readouterr().err
    with pytest.raises(MissingError, match="nothing to compare with"):
        omnibench.score(tmp_path / "run")
    answers = Predictions(tmp_path / "run")
    assert is_own(answers, open_dataset(str(whole)), "test")
    assert 0 <= omnibench.score(tmp_path / "run", whole, protocol="strict", metrics=["rouge_l"])["rouge_l"] <= 1


@pytest.mark.parametrize("workers", ["0", "1"])
def test_who_replays_the_listener_is_refused_before_it_plays(
    both: tuple[Path, Path], tmp_path: Path, workers: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Incident: it failed dialogue by dialogue, and was to be tried again."""
    given = ["--data", str(both[1]), "--workers", workers, "--no-video", "--out", str(tmp_path / "run")]
    assert main(["run", "--model", "ground_truth", *given]) == 2
    assert "gives out speakers alone. Choose a model that answers by itself" in capsys.readouterr().err
    assert not (tmp_path / "run" / "journal.jsonl").exists()


def test_without_salt_or_context_nothing_is_given_out(both: tuple[Path, Path], tmp_path: Path) -> None:
    whole, _ = both
    (whole / "test" / "context" / "d1.npz").unlink()
    with pytest.raises(InputError, match=r"d1\.npz"):
        give_out(whole, tmp_path / "again")
    manifest = json.loads((whole / "manifest.json").read_text())
    del manifest["salt"]
    (whole / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match='no "salt"'):
        give_out(whole, tmp_path / "again")
