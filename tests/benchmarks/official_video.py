"""FVD without its network: from video files to the clips that the network is shown, for run.sh's five seeds."""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import av
import numpy as np
import torch
from numpy.typing import NDArray
from official_clips import write_clips
from official_rows import Row, script, timed

from omnibench.features.media import Media, as_opencv_reads
from omnibench.features.store import FeatureStore
from omnibench.media.video import read_frames, video_info
from omnibench.metrics.video.windows import WindowExtractor

SEEDS = (42, 43, 44, 45, 46)
FRAMES, SIZE = 256, 224


@dataclass
class Shown:
    """A network that keeps what it is shown."""

    frames: int = FRAMES
    size: int = SIZE
    rate: float | None = None
    key: str = "shown"
    dim: int = 1
    windows: list[NDArray[np.uint8]] = field(default_factory=list)

    def embed(self, windows: NDArray[np.uint8]) -> NDArray[Any]:
        self.windows += list(windows)
        return np.zeros((len(windows), 1))


def video_rows(official: Path, scratch: Path, clips: int) -> list[Row]:
    """Both protocols against the official chain; its difference to the paper's is in grey levels."""
    resizing = script(official / "video" / "fvd" / "preprocess_resize224.py", "official_resize")
    fvd = fvd_script(official)
    paths = write_clips(scratch / "clips", clips)

    def theirs() -> list[NDArray[np.uint8]]:
        small = [scratch / "small" / path.name for path in paths]
        for path, target in zip(paths, small, strict=True):
            outcome = resizing.transcode_one((path, target, SIZE, None, False))
            if outcome["status"] != "ok":
                raise SystemExit(f"the official resizing failed: {outcome}")
        shown = []
        for path in small:
            for seed in SEEDS:
                random.seed(seed)
                clip = fvd.sample_consecutive_frames_bthwc(str(path), FRAMES)
                shown.append(fvd.batch_to_bcthw_uint8([clip])[0].permute(1, 2, 3, 0).numpy())
        return shown

    theirs_seconds, expected = timed(theirs)
    _ours(paths, SEEDS[:1], reencode=False)  # imports
    paper_seconds, paper = timed(lambda: _ours(paths, SEEDS, reencode=True))
    strict_seconds, _ = timed(lambda: _ours(paths, SEEDS, reencode=False))
    worst = max(int(np.abs(a.astype(int) - b).max()) for a, b in zip(expected, paper, strict=True))
    return [
        Row("FVD up to its network, paper", theirs_seconds, paper_seconds, 1.5, worst),
        Row("FVD up to its network, strict", theirs_seconds, strict_seconds, 3, None),
    ]


def _ours(paths: list[Path], seeds: tuple[int, ...], reencode: bool) -> list[NDArray[np.uint8]]:
    """The clips of every path and seed, in that order."""
    shown = []
    for path in paths:
        length, network = video_info(path).frames, Shown()
        starts = [random.Random(seed).randint(0, length - FRAMES) for seed in seeds]
        order = tuple(sorted(set(starts)))
        frames = partial(read_frames, path)
        media = Media(f"{path}:{reencode}:{len(seeds)}", partial(_rate, path), frames, video_path=path)
        media = as_opencv_reads(media) if reencode else media
        FeatureStore().frames(media, WindowExtractor(network, order, tuple(range(FRAMES)), reencode))
        shown += [network.windows[order.index(start)] for start in starts]
    return shown


def _rate(path: Path) -> Fraction:
    return video_info(path).fps


def fvd_script(official: Path) -> ModuleType:
    """The official FVD script. It asks torchvision for ``read_video``, which torchvision 0.28 no longer has: what that
    function did in 0.27 with its PyAV reader, the whole file decoded and stacked, is put in its place.
    """
    torchvision, reading = ModuleType("torchvision"), ModuleType("torchvision.io")
    reading.read_video = _read_video  # type: ignore[attr-defined]
    before = {name: sys.modules.get(name) for name in ("torchvision", "torchvision.io")}
    sys.modules.update({"torchvision": torchvision, "torchvision.io": reading})
    try:
        return script(official / "video" / "fvd" / "frechet_video_distance.py", "official_fvd")
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def _read_video(path: str, pts_unit: str = "sec") -> tuple[torch.Tensor, None, dict[str, float]]:
    with av.open(path) as container:
        frames = [frame.to_rgb().to_ndarray() for frame in container.decode(video=0)]
    return torch.as_tensor(np.stack(frames)), None, {}
