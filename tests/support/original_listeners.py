"""The original ReactFace and ViCo modules with random weights, on a CPU, and what they answer.

Sources, as folders named by environment variables (nothing of them is in this repository):

    REACTFACE_SOURCE   lingjivoo/ReactFace @fa4b3a42836fc3d8d419b95e38989c42be4d717a
    VICO_SOURCE        dc3ea9f/vico_challenge_baseline @16424c07318e4ba5238e07d387916122c4dc73c8

Both import packages that they do not need for their networks (librosa, einops): empty stand-ins take their place.
ReactFace asks tensors for a device number, which a CPU has none of, and loads wav2vec 2.0 from a file: it gets the
tensor's device, and an untrained wav2vec 2.0 of one layer.
"""

from __future__ import annotations

import importlib
import os
import sys
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor

COMMITS = {
    "reactface": "lingjivoo/ReactFace@fa4b3a42836fc3d8d419b95e38989c42be4d717a",
    "vico": "dc3ea9f/vico_challenge_baseline@16424c07318e4ba5238e07d387916122c4dc73c8",
}
WIDTH, WINDOW, FRAMES, NOISE_SEED = 16, 8, 12, 5
WAVE = {"hidden_size": 768, "num_hidden_layers": 1, "intermediate_size": 32, "conv_dim": [8] * 7}


def source(name: str) -> Path | None:
    """The folder of an original, where the environment names one."""
    value = os.environ.get(f"{name.upper()}_SOURCE")
    return Path(value) if value else None


def random_state(shapes: Mapping[str, list[int]]) -> dict[str, Tensor]:
    """Weights that depend on their names alone: matrices keep the size of what goes through them."""
    state = {}
    for name, shape in shapes.items():
        generator = np.random.default_rng(zlib.crc32(name.encode()))
        fan = int(np.prod(shape[1:])) if len(shape) > 1 else 4
        values = generator.normal(0.0, fan**-0.5, shape)
        if "norm" in name and name.endswith("weight"):
            values = 1 + 0.1 * values
        state[name] = torch.from_numpy(values.astype(np.float32))
    return state


def random_input(name: str, *shape: int, scale: float = 1.0) -> Tensor:
    """Standard normal numbers that depend on the name alone."""
    values = np.random.default_rng(zlib.crc32(name.encode())).normal(0.0, scale, shape)
    return torch.from_numpy(values.astype(np.float32))


def reactface_inputs() -> dict[str, Tensor]:
    """One window: pictures, samples, the window before, and its latent."""
    return {
        "pictures": random_input("pictures", 1, WINDOW, 3, 64, 64),
        "samples": random_input("samples", 1, WINDOW * 640),
        "past": random_input("past", 1, WINDOW, 64, scale=0.5),
        "latent": random_input("latent", 1, WIDTH),
    }


def vico_inputs() -> dict[str, Tensor]:
    """A clip of the speaker, and the listener's first face, in the original's 73 coefficients."""
    return {
        "speech": random_input("speech", 2, FRAMES, 45),
        "face": random_input("face", 2, FRAMES, 73),
        "first": random_input("first", 2, 73),
    }


def loss_inputs() -> dict[str, Tensor]:
    """Two reactions and the human listener, in 64 coefficients, and a distribution."""
    names = ("mine", "other", "human")
    faces = {name: random_input(name, 1, FRAMES, 64, scale=0.3) for name in names}
    return faces | {"mean": random_input("mean", 1, WIDTH), "deviation": random_input("deviation", 1, WIDTH).exp()}


def run_reactface(folder: Path) -> dict[str, Any]:
    """Names and shapes of its tensors, the answer to the first and to a later window, and its losses."""
    # First, for it looks whether librosa is there.
    from transformers import Wav2Vec2Config, Wav2Vec2Model, Wav2Vec2Processor  # noqa: F401

    with _imported(folder, ("model",), ("librosa",)):
        audio = importlib.import_module("model.wav2vec2focctc")
        module = importlib.import_module("model.ReactFace")
        criteria = importlib.import_module("model.losses")
        configuration = Wav2Vec2Config(**WAVE)
        audio.Wav2Vec2ForCTC.init_weights = lambda self: None
        untrained = audio.Wav2Vec2ForCTC(configuration)
        audio.Wav2Vec2ForCTC.from_pretrained = classmethod(lambda cls, path: untrained)
        before = Tensor.get_device
        Tensor.get_device = lambda self: self.device  # type: ignore[method-assign,assignment,return-value]
        try:
            model = module.ReactFace(output_3dmm_dim=64, feature_dim=WIDTH, max_seq_len=64, window_size=WINDOW).eval()
            shapes = {name: list(value.shape) for name, value in model.state_dict().items()}
            fixed = {n: v for n, v in model.state_dict().items() if n.endswith(".pe")}
            model.load_state_dict(random_state(shapes) | fixed)
            given = reactface_inputs()
            answers = {}
            for name, latent in (("first", None), ("later", given["latent"])):
                torch.manual_seed(NOISE_SEED)
                faces, sample = model.inference_step(given["pictures"], given["samples"], given["past"], latent)
                answers[name] = {"faces": faces[0].tolist(), "latent": sample[0].tolist()}
            return {"shapes": shapes, "answers": answers, "losses": _reactface_losses(criteria)}
        finally:
            Tensor.get_device = before  # type: ignore[method-assign]


def _reactface_losses(criteria: Any) -> dict[str, float]:
    given = loss_inputs()
    distribution = [torch.distributions.Normal(given["mean"], given["deviation"])]
    _, rebuilt, divergence = criteria.NeighbourLoss(1e-5)(given["human"][:, None], given["mine"], distribution)
    return {
        "reconstruction": float(rebuilt),
        "divergence": float(divergence),
        "diversity": float(criteria.DivLoss()(given["mine"], given["other"])),
        "smoothness": float(criteria.SmoothLoss()(given["mine"])),
    }


def run_vico(folder: Path) -> dict[str, Any]:
    """Names and shapes of its tensors, its answer to a clip, and its losses of one group of coefficients."""
    with _imported(folder / "vico", ("networks",), ("einops",)) as stand_ins:
        for name in ("rearrange", "reduce", "repeat"):
            setattr(stand_ins["einops"], name, None)
        module = importlib.import_module("networks.listener_generator")
        memory = SimpleNamespace(num_layers=2, bias=False, dropout=0.1, hidden_size=96)
        fusion = SimpleNamespace(lstm_input_dim=192, lstm=memory)
        generator = SimpleNamespace(fusion=fusion, dynam_3dmm_dim=70)
        model = module.ListenerGenerator(
            SimpleNamespace(model=SimpleNamespace(generator=generator), loss_weights={})
        ).eval()
        shapes = {name: list(value.shape) for name, value in model.state_dict().items()}
        model.load_state_dict(random_state(shapes))
        given, faces = vico_inputs(), loss_inputs()
        with torch.no_grad():
            predicted = model.predict(given["speech"], given["face"], given["first"], torch.tensor([FRAMES, FRAMES]))
        distance, change = model.get_3dmm_loss(faces["mine"][..., :52], faces["human"][..., :52])
    losses = {"expression": float(distance), "expression_change": float(change)}
    return {"shapes": shapes, "answers": predicted[:, -2:].tolist(), "losses": losses}


@contextmanager
def _imported(folder: Path, packages: tuple[str, ...], absent: tuple[str, ...]) -> Iterator[dict[str, ModuleType]]:
    """Imports from ``folder`` with empty modules for absent packages; afterwards all of it is forgotten."""
    stand_ins = {name: ModuleType(name) for name in absent if name not in sys.modules}
    for name, module in stand_ins.items():
        module.__spec__ = ModuleSpec(name, None)
    sys.modules.update(stand_ins)
    sys.path.insert(0, str(folder))
    try:
        yield stand_ins
    finally:
        sys.path.remove(str(folder))
        for name in list(sys.modules):
            if name in stand_ins or name.partition(".")[0] in packages:
                del sys.modules[name]
