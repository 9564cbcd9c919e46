"""Training end to end on a synthetic data set: it learns, resumes to the bit, and its checkpoint answers."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from data_factory import write_dataset
from omniresponse_factory import SMALL, speaker_frames
from safetensors.torch import load_file

from baselines.omniresponse import entry, neither
from baselines.omniresponse.network.checkpoint import load_checkpoint
from baselines.shared.train import TrainJob
from omnibench.errors import InputError, MissingError, UsageError
from omnibench.responder import ModelOptions
from omnibench.types import DialogueContext

PEOPLE = {name: {"speaker": f"{name}1", "listener": f"{name}2"} for name in ("a", "b")}
SETTINGS = SMALL | {
    "codec.steps": 2,
    "codec.batch": 2,
    "codec.crop_tokens": 16,
    "codec.encoder_width": 16,
    "codec.encoder_depth": 1,
    "codec.decoder_width": 16,
    "codec.decoder_layers": 1,
    "training.threads": 1,
    "training.reading_steps": 2,
    "training.reading_batch": 2,
    "training.reading_frames": 16,
    "training.unified_steps": 4,
    "training.finetune_steps": 2,
    "training.validate_every": 2,
    "training.save_every": 3,
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("dialogues")
    for split, seed in (("train", 1), ("val", 2)):
        write_dataset(
            root, split, ("a", "b"), seconds=3.0, seed=seed, modalities=("audio", "vector", "text"), persons=PEOPLE
        )
    return root


def job(data: Path, out: Path, **more: object) -> TrainJob:
    settings = SETTINGS | more.pop("settings", {})  # type: ignore[arg-type]
    return TrainJob(data=str(data), out=out, command="omnibench train omniresponse", settings=settings, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return entry.train(job(data, tmp_path_factory.mktemp("whole")))


def test_stopped_and_resumed_training_is_the_same_to_the_bit(data: Path, trained: Path, tmp_path: Path) -> None:
    """Stops inside a stage (1, 3), and at its end (4)."""
    for count in (1, 2, 1):
        assert entry.train(job(data, tmp_path, max_steps=count)) == tmp_path
    resumed = entry.train(job(data, tmp_path))
    whole, again = load_file(trained), load_file(resumed)
    assert whole.keys() == again.keys()
    assert all(torch.equal(whole[name], again[name]) for name in whole)
    assert (trained.parent / "losses.csv").read_bytes() == (tmp_path / "losses.csv").read_bytes()


def test_the_checkpoint_answers(trained: Path) -> None:
    model = entry.build(ModelOptions(checkpoint=trained))
    assert model.card.trained_on != ()
    assert model.card.parameters > 10_000
    reference = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)
    session = model.open(DialogueContext("x", Fraction(30), 16_000, 0, voice_reference=reference))
    answers = [session.step(frame) for frame in speaker_frames(30, Fraction(30))]
    assert all(np.isfinite(a.face).all() and np.isfinite(a.audio).all() for a in answers)


def test_training_lowers_the_losses(data: Path, tmp_path: Path) -> None:
    changes = {"training.unified_steps": 40, "training.finetune_steps": 1, "training.learning_rate": 0.01}
    entry.train(job(data, tmp_path, settings=changes))
    rows = [line.split(",") for line in (tmp_path / "losses.csv").read_text().splitlines()[1:]]
    totals = [float(row[6]) for row in rows if row[2] == "train"]
    assert np.mean(totals[30:40]) < 0.7 * np.mean(totals[:5])


def test_an_ablation_learns_and_speaks_through_the_codec_of_another(data: Path, trained: Path, tmp_path: Path) -> None:
    """It resumes to the bit, and its checkpoint holds no codec, but names the one."""
    changes = {"name": "tiny-neither", "text.chrono": False, "voice.tempo": False}
    whole = neither.train(job(data, tmp_path / "a", settings=changes, codec_from=trained))
    neither.train(job(data, tmp_path / "b", settings=changes, codec_from=trained.parent, max_steps=3))
    assert load_file(neither.train(job(data, tmp_path / "b", settings=changes))).keys() == load_file(whole).keys()
    assert (tmp_path / "a" / "losses.csv").read_bytes() == (tmp_path / "b" / "losses.csv").read_bytes()
    assert not any(name.startswith("codec.") for name in load_file(whole))
    assert not (tmp_path / "a" / "sounds").exists(), "the audio tokens of the codec's own training are used"
    session = neither.build(ModelOptions(checkpoint=whole)).open(DialogueContext("x", Fraction(25), 16_000, 0))
    answers = [session.step(frame) for frame in speaker_frames(20, Fraction(25))]
    assert all(np.isfinite(a.face).all() and np.isfinite(a.audio).all() for a in answers)
    with pytest.raises(InputError, match="a checkpoint of omniresponse-neither, not of omniresponse"):
        entry.build(ModelOptions(checkpoint=whole))
    moved = tmp_path / "moved.safetensors"
    moved.write_bytes(whole.read_bytes())
    with pytest.raises(InputError, match="which it does not hold"):
        neither.build(ModelOptions(checkpoint=moved))


def test_a_checkpoint_keeps_its_configuration(trained: Path) -> None:
    assert load_checkpoint(trained, {"sampling.top_p": 0.5}).model.settings.sampling.top_p == 0.5
    with pytest.raises(UsageError, match=r"llm\.layers"):
        load_checkpoint(trained, {"llm.layers": 3})
    with pytest.raises(UsageError, match=r'Did you mean "sampling\.top_p"'):
        load_checkpoint(trained, {"sampling.topp": 0.5})
    with pytest.raises(InputError, match="expected a number"):
        load_checkpoint(trained, {"sampling.top_p": "high"})


def test_a_missing_checkpoint_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="omnibench train omniresponse --data mini"):
        entry.build(ModelOptions(checkpoint=tmp_path / "none.safetensors"))


def test_a_truncated_checkpoint_is_an_input_error(trained: Path, tmp_path: Path) -> None:
    """Incident: a copy that was cut short must not load as weights of zero."""
    for part in (10, 1000, trained.stat().st_size - 1):
        broken = tmp_path / "broken.safetensors"
        broken.write_bytes(trained.read_bytes()[:part])
        with pytest.raises(InputError, match=r"broken\.safetensors"):
            entry.build(ModelOptions(checkpoint=broken))


def test_another_file_is_not_taken_for_a_checkpoint(trained: Path) -> None:
    with pytest.raises(InputError, match="format"):
        load_checkpoint(trained.parent / "codec" / "codec.safetensors", {})


def test_a_folder_of_another_configuration_is_not_continued(data: Path, trained: Path) -> None:
    with pytest.raises(UsageError, match="--fresh"):
        entry.train(job(data, trained.parent, settings={"llm.layers": 1}))


def test_a_data_set_without_validation_split_is_refused(tmp_path: Path) -> None:
    root = write_dataset(
        tmp_path / "d", "train", ("a",), seconds=1.0, modalities=("audio", "vector", "text"), persons=PEOPLE
    )
    with pytest.raises(InputError, match="no split val"):
        entry.train(job(root, tmp_path / "out"))
