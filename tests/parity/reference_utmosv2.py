"""The package utmosv2 (hyperion-utmosv2 1.3.1, the code of sarulab-speech/UTMOSv2 @cc2700d) with random weights, beside
a CPU build of torch and without any download.

Its ``create_model`` fetches two pretrained networks even for random weights; here they are built from their
configurations. torchvision's wheel expects the CUDA build of torch, so the two operators that its import asks for are
declared first; torchaudio, which the package uses only to resample arrays, is left out.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray


def published_configuration(spectra: int = 4, size: int = 512) -> Any:
    """``fusion_stage3`` with its first ``spectra`` spectra scaled to ``size``, for predictions."""
    import torch
    import transformers  # noqa: F401  before the stand-ins, which it would ask for their origin

    _stand_ins(torch)
    import torchvision

    published = importlib.import_module("utmosv2.config.fusion_stage3")
    config = SimpleNamespace(**{k: v for k, v in vars(published).items() if not k.startswith("__")})
    config.data_config, config.phase, config.print_config = None, "prediction", False
    config.dataset = SimpleNamespace(**{**vars(config.dataset), "specs": config.dataset.specs[:spectra]})
    config.transform = {"valid": torchvision.transforms.Compose([torchvision.transforms.Resize((size, size))])}
    return config


def random_reference(layers: int, seed: int, pictures: NDArray[np.float32]) -> Any:
    """The package's model class with an encoder of ``layers`` layers and weights drawn from ``seed``.

    Args:
        layers: of the wave encoder.
        seed: of all weights.
        pictures: ``(n, 2 * spectra, size, size)`` mel spectra that the backbones are settled on.
    """
    import torch
    import transformers

    spectra = pictures.shape[1] // 2
    config = published_configuration(spectra, pictures.shape[-1])
    import timm
    from utmosv2._core.model import UTMOSv2Model

    waves = importlib.import_module("utmosv2.model.ssl")
    models = importlib.import_module("utmosv2.model.multi_spec")
    configuration = transformers.Wav2Vec2Config(num_hidden_layers=layers)
    waves.AutoModel = SimpleNamespace(from_pretrained=lambda name: transformers.Wav2Vec2Model(configuration))
    waves.AutoFeatureExtractor = SimpleNamespace(
        from_pretrained=lambda name: transformers.Wav2Vec2FeatureExtractor(do_normalize=True)
    )
    models.timm = SimpleNamespace(
        create_model=lambda name, pretrained, num_classes: timm.create_model(name, num_classes=num_classes),
        layers=timm.layers,
    )
    torch.manual_seed(seed)
    model = UTMOSv2Model(config)
    for number, backbone in enumerate(model._model.spec_long.backbones):
        own = torch.from_numpy(pictures[:, number::spectra].reshape(-1, 1, *pictures.shape[2:]))
        _settle(torch, backbone, own.expand(-1, 3, -1, -1))
    return model.eval()


def _settle(torch: Any, backbone: Any, pictures: Any) -> None:
    """Weights under which the output says something: as drawn, what rounding does grows through 40 layers until it
    alone decides (the output moves by 100 when the input is scaled by 1 + 1e-6).

    Normalisations get the statistics of ``pictures``, their variances never far below their mean; the branch of a
    residual block adds a fifth to what goes past it; features are of order one.
    """

    def measure(module: Any, inputs: tuple[Any, ...]) -> None:
        variance = inputs[0].var((0, 2, 3))
        module.running_mean.copy_(inputs[0].mean((0, 2, 3)))
        module.running_var.copy_(variance + variance.mean())

    norms = [module for module in backbone.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    hooks = [norm.register_forward_pre_hook(measure) for norm in norms]
    with torch.no_grad():
        for block in (block for stage in backbone.blocks for block in stage if block.has_skip):
            [module for module in block.modules() if isinstance(module, torch.nn.BatchNorm2d)][-1].weight.fill_(0.2)
        backbone.eval()(pictures)
        backbone.bn2.weight.fill_(0.2)
    for hook in hooks:
        hook.remove()


def _stand_ins(torch: Any) -> None:
    if "torchvision" not in sys.modules:
        library = torch.library.Library("torchvision", "DEF")
        for operator in ("nms", "qnms"):
            library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _KEPT.append(library)
    sys.modules.setdefault("torchaudio", ModuleType("torchaudio"))


_KEPT: list[Any] = []
