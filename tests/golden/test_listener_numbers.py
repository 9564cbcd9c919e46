"""ReactFace and ViCo against their original code: same random weights, same inputs, same answers and losses.

``listeners.json`` holds what the original modules gave (``make_listener_numbers.py``; commits inside); the weights are
drawn anew from the names of the original tensors, and reach our modules through the loaders of original checkpoints.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from original_listeners import NOISE_SEED, WIDTH, loss_inputs, random_state, reactface_inputs, vico_inputs

from baselines.reactface import entry as reactface_entry
from baselines.reactface.config import LossSettings, SessionSettings
from baselines.reactface.losses import reaction_losses
from baselines.reactface.network import ReactFace, Reaction
from baselines.reactface.original import PREFIXES as REACTFACE_PREFIXES
from baselines.reactface.original import network_of
from baselines.shared.original_checkpoints import renamed
from baselines.vico import entry as vico_entry
from baselines.vico.config import LossSettings as VicoLossSettings
from baselines.vico.network import losses as vico_losses
from baselines.vico.original import PREFIXES as VICO_PREFIXES
from baselines.vico.original import generator_of
from omnibench.errors import InputError, MissingError
from omnibench.responder import ModelOptions

NUMBERS = json.loads(Path(__file__).with_name("listeners.json").read_text("utf-8"))
NOWHERE = Path("original.pth")


def state(name: str) -> dict[str, torch.Tensor]:
    return random_state(NUMBERS[name]["shapes"])


@pytest.fixture(scope="module")
def reactface() -> ReactFace:
    return network_of(renamed(state("reactface"), REACTFACE_PREFIXES, NOWHERE), NOWHERE)


@pytest.mark.parametrize("window", ["first", "later"])
def test_reactface_answers_a_window_as_the_original(reactface: ReactFace, window: str) -> None:
    given, expected = reactface_inputs(), NUMBERS["reactface"]["answers"][window]
    torch.manual_seed(NOISE_SEED)
    noise = torch.normal(torch.zeros(1, WIDTH), torch.ones(1, WIDTH))
    with torch.no_grad():
        heard = reactface.listen(given["pictures"], given["samples"])
        latent = given["latent"] if window == "later" else None
        reaction = reactface.reaction(heard, given["past"], latent, noise, SessionSettings())
    np.testing.assert_allclose(reaction.latent[0], expected["latent"], atol=2e-4)
    np.testing.assert_allclose(reaction.faces[0], expected["faces"], atol=2e-4)


def test_reactface_losses_are_the_original_s() -> None:
    given, expected = loss_inputs(), NUMBERS["reactface"]["losses"]
    reaction = Reaction(given["mine"], given["mean"], given["mean"], given["deviation"])
    found = reaction_losses(
        [given["mine"], given["other"]], [reaction], given["human"], (given["mine"], given["mine"]), LossSettings()
    )
    assert float(found["expression"] + 10 * found["pose"]) == pytest.approx(expected["reconstruction"], rel=1e-5)
    for name in ("divergence", "diversity", "smoothness"):
        assert float(found[name]) == pytest.approx(expected[name], rel=1e-5), name


def test_vico_answers_a_clip_as_the_original() -> None:
    generator = generator_of(renamed(state("vico"), VICO_PREFIXES, NOWHERE), NOWHERE)
    given = vico_inputs()
    with torch.no_grad():
        found, _ = generator(given["speech"], given["face"], generator.begin(given["first"]))
    np.testing.assert_allclose(found[:, -2:], NUMBERS["vico"]["answers"], atol=1e-5)


def test_vico_losses_are_the_original_s() -> None:
    given = loss_inputs()
    found = vico_losses(given["mine"], given["human"], VicoLossSettings())
    for name, value in NUMBERS["vico"]["losses"].items():
        assert float(found[name]) == pytest.approx(value, rel=1e-5), name


def test_a_checkpoint_in_the_original_format_is_read(tmp_path: Path) -> None:
    """As DistributedDataParallel saved it, with the statistics beside it; ViCo at 64 coefficients."""
    shapes: dict[str, Any] = dict(NUMBERS["vico"]["shapes"])
    for name, shape in shapes.items():
        shapes[name] = [{73: 64, 118: 109}.get(side, side) for side in shape]
    path = tmp_path / "Epoch_001.bin"
    torch.save({f"module.{name}": value for name, value in random_state(shapes).items()}, path)
    with pytest.raises(MissingError, match="video_feats_mean_std"):
        vico_entry.build(ModelOptions(checkpoint=path))
    faces = {"angle.exp.trans": {"mean": torch.zeros(64), "std": torch.ones(64)}}
    torch.save(faces, tmp_path / "video_feats_mean_std.bin")
    torch.save({"mean": torch.zeros(45), "std": torch.ones(45)}, tmp_path / "audio_feats_mean_std.bin")
    assert vico_entry.build(ModelOptions(checkpoint=path)).card.parameters > 100_000


def test_coefficients_of_another_face_model_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "Epoch_500.bin"
    torch.save(state("vico"), path)
    with pytest.raises(InputError, match="73 face coefficients"):
        vico_entry.build(ModelOptions(checkpoint=path))


def test_reactface_reads_the_original_format(tmp_path: Path) -> None:
    path = tmp_path / "cur_checkpoint.pth"
    torch.save({"epoch": 1, "state_dict": state("reactface"), "optimizer": {}}, path)
    with pytest.raises(MissingError, match="mean_face"):
        reactface_entry.build(ModelOptions(checkpoint=path))
    np.save(tmp_path / "mean_face.npy", np.zeros(64))
    model = reactface_entry.build(ModelOptions(checkpoint=path))
    assert model.card.inputs == ("audio", "image")


def test_a_file_that_needs_code_to_be_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "evil.bin"
    torch.save({"fusion": Path("x")}, path)
    with pytest.raises(InputError, match="tensors alone"):
        vico_entry.build(ModelOptions(checkpoint=path))
