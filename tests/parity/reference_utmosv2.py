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


def random_reference(spectra: int, layers: int, size: int, seed: int) -> Any:
    """The package's model class, ``fusion_stage3`` with its first ``spectra`` spectra scaled to ``size``, an encoder of
    ``layers`` layers, and weights drawn from ``seed``.
    """
    import torch
    import transformers

    _stand_ins(torch)
    import timm
    import torchvision
    from utmosv2._core.model import UTMOSv2Model

    waves = importlib.import_module("utmosv2.model.ssl")
    pictures = importlib.import_module("utmosv2.model.multi_spec")
    configuration = transformers.Wav2Vec2Config(num_hidden_layers=layers)
    waves.AutoModel = SimpleNamespace(from_pretrained=lambda name: transformers.Wav2Vec2Model(configuration))
    waves.AutoFeatureExtractor = SimpleNamespace(
        from_pretrained=lambda name: transformers.Wav2Vec2FeatureExtractor(do_normalize=True)
    )
    pictures.timm = SimpleNamespace(
        create_model=lambda name, pretrained, num_classes: timm.create_model(name, num_classes=num_classes),
        layers=timm.layers,
    )
    published = importlib.import_module("utmosv2.config.fusion_stage3")
    config = SimpleNamespace(**{k: v for k, v in vars(published).items() if not k.startswith("__")})
    config.data_config, config.phase, config.print_config = None, "prediction", False
    config.dataset = SimpleNamespace(**{**vars(config.dataset), "specs": config.dataset.specs[:spectra]})
    config.transform = {"valid": torchvision.transforms.Compose([torchvision.transforms.Resize((size, size))])}
    torch.manual_seed(seed)
    model = UTMOSv2Model(config)
    for backbone in model._model.spec_long.backbones:
        _settle(torch, backbone, size)
    return model.eval()


def _settle(torch: Any, backbone: Any, size: int) -> None:
    """Give the normalisations the statistics of random smooth pictures, the variances never far below their mean, and
    features of order one: as drawn, activations grow through 40 layers until rounding alone decides the output.
    """

    def measure(module: Any, inputs: tuple[Any, ...]) -> None:
        variance = inputs[0].var((0, 2, 3))
        module.running_mean.copy_(inputs[0].mean((0, 2, 3)))
        module.running_var.copy_(variance + variance.mean())

    norms = [module for module in backbone.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    hooks = [norm.register_forward_pre_hook(measure) for norm in norms]
    smooth = torch.nn.functional.interpolate(torch.rand(16, 1, 6, 6), size=(size, size), mode="bilinear")
    with torch.no_grad():
        backbone.eval()((0.9 * smooth + 0.1 * torch.rand(16, 1, size, size)).expand(-1, 3, -1, -1))
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
