"""I3D, the video network of FVD: StyleGAN-V's TorchScript of the TF-Hub model trained on Kinetics-400.

TorchScript is code, so nothing but the pinned file is run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.assets.finding import ASSETS, find
from omnibench.features.device import metric_device, on_device

if TYPE_CHECKING:
    import torch

ASSET: Final = "i3d_torchscript"
SIZE: Final = 224
DIMENSIONS: Final = 400


class I3D:
    """Kinetics logits of windows of ``frames`` pictures, at a clip's own rate; loaded when first asked, on
    `omnibench.features.device.metric_device`.

    Raises:
        MissingError: the network is not on this machine; the message names the command that gets it.
        InputError: the file is not the pinned one.

    Source: OmniResponse ``evaluation/video/fvd`` @2ba1c7c: ``rescale=True, resize=False, return_features=True``.
    """

    size: Final = SIZE
    rate: Final = None
    dim: Final = DIMENSIONS

    def __init__(self, frames: int) -> None:
        self._path = find(ASSET)
        self.frames, self.key = frames, on_device(f"{ASSET}:{ASSETS[ASSET].sha256}")
        self._network: torch.jit.ScriptModule | None = None
        self._device = metric_device()

    def embed(self, windows: NDArray[np.uint8]) -> NDArray[Any]:
        """``(b, 400)`` float32 of ``(b, frames, 224, 224, 3)`` uint8."""
        if self._network is None:
            from omnibench.features.torch_files import load_torchscript

            self._network = load_torchscript(self._path, ASSETS[ASSET].sha256, self._device)
        return features_of(self._network, windows, self._device)


def features_of(network: Any, windows: NDArray[np.uint8], device: str = "cpu") -> NDArray[Any]:
    """What a network with the detector's calling convention says of ``(b, frames, size, size, 3)`` uint8 windows."""
    import torch

    with torch.inference_mode():
        videos = torch.from_numpy(windows).permute(0, 4, 1, 2, 3).contiguous().to(device)
        features = network(videos, rescale=True, resize=False, return_features=True)
    return features.float().cpu().numpy()
