"""The small baselines, each from training to answers: it learns, resumes to the bit, answers causally and repeats."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import omniresponse_factory
import pytest
import torch
from data_factory import make_face, write_dataset
from safetensors.torch import load_file

from baselines.shared.train import TrainJob
from omnibench.errors import InputError, MissingError, UsageError
from omnibench.responder import ModelOptions
from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame

PEOPLE = {name: {"speaker": f"{name}1", "listener": f"{name}2"} for name in ("a", "b")}
RECIPE = {
    "training.steps": 4,
    "training.batch": 2,
    "training.frames": 16,
    "training.validate_every": 2,
    "training.save_every": 3,
}
SMALL: dict[str, dict[str, Any]] = {
    "av_llm": {
        "llm.hidden": 16,
        "llm.layers": 1,
        "llm.heads": 2,
        "llm.mlp": 16,
        "window.frames": 10,
        "window.hop": 4,
        "text.recognise": False,
    },
    "lstm": {"network.words": 16, "network.word": 4, "network.hidden": 8, "network.code": 4, "text.recognise": False},
    "reactface": {"network.width": 16, "network.vae_feed_forward": 16},
    "vico": {"network.fused": 16, "network.hidden": 8},
}
SETTING: dict[str, tuple[str, object]] = {
    "av_llm": ("llm.layers", 2),
    "lstm": ("network.hidden", 20),
    "reactface": ("network.width", 32),
    "vico": ("network.fused", 20),
}


def entry(name: str) -> Any:
    return importlib.import_module(f"baselines.{name}").entry


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("dialogues")
    for split, seed in (("train", 1), ("val", 2)):
        write_dataset(
            root, split, ("a", "b"), seconds=2.0, seed=seed, modalities=("audio", "vector", "text"), persons=PEOPLE
        )
    return root


def job(name: str, data: Path, out: Path, **more: Any) -> TrainJob:
    settings = RECIPE | SMALL[name] | more.pop("settings", {})
    return TrainJob(data=str(data), out=out, command=f"omnibench train {name}", settings=settings, **more)


@pytest.fixture(scope="module", params=sorted(SMALL))
def trained(request: pytest.FixtureRequest, data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    name = request.param
    return name, entry(name).train(job(name, data, tmp_path_factory.mktemp(name)))


def speaker_frames(count: int, fps: Fraction, seed: int = 0) -> list[SpeakerFrame]:
    """Frames of a speaker whose face is like those of the data set: far from it, gates saturate and nothing shows."""
    faces = make_face(np.random.default_rng(seed), [], count, fps)
    frames = omniresponse_factory.speaker_frames(count, fps, seed)
    return [replace(frame, face=face) for frame, face in zip(frames, faces, strict=True)]


def answers(
    model: Any, frames: Sequence[SpeakerFrame], fps: Fraction = Fraction(30), seed: int = 0
) -> list[ListenerFrame]:
    face = make_face(np.random.default_rng(9), [], 1, fps)[0]
    session = model.open(DialogueContext("x", fps, 16_000, seed, initial_face=face))
    given = [session.step(frame) for frame in frames]
    session.close()
    return given


def same(one: ListenerFrame, other: ListenerFrame) -> bool:
    pairs = ((one.face, other.face), (one.audio, other.audio))
    arrays = all((a is None and b is None) or np.array_equal(a, b) for a, b in pairs)  # type: ignore[arg-type]
    return arrays and one.words == other.words


def test_stopped_and_resumed_training_is_the_same_to_the_bit(
    trained: tuple[str, Path], data: Path, tmp_path: Path
) -> None:
    name, whole = trained
    for count in (1, 2):
        assert entry(name).train(job(name, data, tmp_path, max_steps=count)) == tmp_path
    resumed = entry(name).train(job(name, data, tmp_path))
    mine, again = load_file(whole), load_file(resumed)
    assert mine.keys() == again.keys()
    assert all(torch.equal(mine[key], again[key]) for key in mine)
    assert (whole.parent / "losses.csv").read_bytes() == (tmp_path / "losses.csv").read_bytes()


@pytest.mark.parametrize("fps", [Fraction(25), Fraction(30)])
def test_answers_are_playable_and_repeat(trained: tuple[str, Path], fps: Fraction) -> None:
    name, path = trained
    model = entry(name).build(ModelOptions(checkpoint=path))
    frames = speaker_frames(24, fps)
    once, twice = answers(model, frames, fps), answers(model, frames, fps)
    assert all(map(same, once, twice))
    faces = [answer.face for answer in once if answer.face is not None]
    assert sum(np.atleast_2d(face).shape[0] for face in faces) == 24
    for face in faces:
        assert np.isfinite(face).all()
        assert (np.atleast_2d(face)[:, :52] >= 0).all()
        assert (np.atleast_2d(face)[:, :52] <= 1).all()
    if "audio" in model.card.outputs:
        samples = sum(len(answer.audio) for answer in once if answer.audio is not None)
        assert samples == round(25 * 16_000 / fps) - round(16_000 / fps)


def test_an_answer_depends_on_the_past_alone(trained: tuple[str, Path]) -> None:
    name, path = trained
    model = entry(name).build(ModelOptions(checkpoint=path))
    frames, others = speaker_frames(24, Fraction(30)), speaker_frames(24, Fraction(30), seed=5)
    cut = 17
    mine, changed = answers(model, frames), answers(model, [*frames[:cut], *others[cut:]])
    assert all(map(same, mine[:cut], changed[:cut]))
    assert not all(map(same, mine[cut:], changed[cut:])), "the present reaches the answer"


def test_training_lowers_the_loss(data: Path, tmp_path: Path) -> None:
    """ViCo's, the cheapest; all share one loop."""
    changes = {"training.steps": 60, "training.learning_rate": 0.01}
    entry("vico").train(job("vico", data, tmp_path, settings=changes))
    header, *rows = [line.split(",") for line in (tmp_path / "losses.csv").read_text().splitlines()]
    totals = [float(row[header.index("total")]) for row in rows if row[1] == "train"]
    assert np.mean(totals[-10:]) < 0.7 * np.mean(totals[:5])


def test_a_checkpoint_keeps_its_configuration(trained: tuple[str, Path]) -> None:
    name, path = trained
    key, value = SETTING[name]
    with pytest.raises(UsageError, match=key.replace(".", r"\.")):
        entry(name).build(ModelOptions(checkpoint=path, settings={key: value}))
    with pytest.raises(UsageError, match=f'Did you mean "{key}"'.replace(".", r"\.")):
        entry(name).build(ModelOptions(checkpoint=path, settings={key[:-1]: value}))


def test_files_that_are_no_checkpoint(trained: tuple[str, Path], tmp_path: Path) -> None:
    """Incident: a copy that was cut short must not load as weights of zero."""
    name, path = trained
    with pytest.raises(MissingError, match=f"omnibench train {name} --data mini"):
        entry(name).build(ModelOptions(checkpoint=tmp_path / "none.safetensors"))
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(InputError, match=r"broken\.safetensors"):
        entry(name).build(ModelOptions(checkpoint=broken))
    other = "vico" if name != "vico" else "reactface"
    with pytest.raises(InputError, match="format"):
        entry(other).build(ModelOptions(checkpoint=path))


def test_a_folder_of_another_configuration_is_not_continued(trained: tuple[str, Path], data: Path) -> None:
    name, path = trained
    with pytest.raises(UsageError, match="--fresh"):
        entry(name).train(job(name, data, path.parent, settings={"training.batch": 3}))


def test_reactface_answers_a_window_late(trained: tuple[str, Path]) -> None:
    """Eight frames come out at the eighth step, so they play while the next eight are seen."""
    name, path = trained
    if name != "reactface":
        return
    given = answers(entry(name).build(ModelOptions(checkpoint=path)), speaker_frames(20, Fraction(25)))
    assert [None if a.face is None else a.face.shape for a in given] == (
        [None] * 7 + [(8, 64)] + [None] * 7 + [(8, 64)] + [None] * 4
    )
