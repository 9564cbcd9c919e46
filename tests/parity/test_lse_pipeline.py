"""The whole official lip-sync pipeline against syncnet-python, same random weights, same faces.

Two scenes with a track each, one too short scene, and a clip without a face. Reference: syncnet-python 0.2.3, with
joonson's constants (a shorter track, for time) and the official chain's files for input. One processor, because
MPEG-4's encoder makes as many slices as it finds.
"""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from lipsync_factory import ScriptedNetworks, clip_pictures, clip_sound, write_clip
from numpy.typing import NDArray

from omnibench.features.lipsync.encodes import combine, to_25_fps
from omnibench.features.lipsync.networks import TorchNetworks
from omnibench.features.lipsync.official import official_tracks
from omnibench.networks.s3fd import S3FD
from omnibench.networks.syncnet import SyncNet
from omnibench.types import Image

pytestmark = pytest.mark.parity

SHORTEST = 12
SCENES = (22, 30)
FRAMES = 60


@pytest.fixture
def one_processor() -> Iterator[None]:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    yield
    os.sched_setaffinity(0, before)


@pytest.fixture
def reference(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The module ``syncnet_python.syncnet_pipeline``; it imports a torchvision that it does not use."""
    from imageio_ffmpeg import get_ffmpeg_exe

    stub = types.ModuleType("torchvision")
    stub.transforms = types.ModuleType("torchvision.transforms")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torchvision", stub)
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "ffmpeg").symlink_to(get_ffmpeg_exe())
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    from syncnet_python import syncnet_pipeline

    return syncnet_pipeline


def boxes(frame: int) -> list[tuple[float, float, float, float]]:
    """A face that drifts, is lost for three frames, and another one somewhere else after the second cut."""
    if 10 <= frame < 13:
        return []
    if frame < SCENES[1]:
        return [(40.0 + frame / 2, 50.0, 170.0 + frame / 2, 180.0 + (frame % 3))]
    return [(90.0, 60.0 - frame / 4, 230.0, 215.0 - frame / 4)]


def networks(seed: int) -> tuple[SyncNet, S3FD]:
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    network = SyncNet().eval()
    for name, values in network.state_dict().items():
        if "running" in name:
            values.copy_(torch.rand_like(values) + 0.5)
    return network, S3FD().eval()


@pytest.mark.usefixtures("one_processor")
@pytest.mark.parametrize("found", [True, False], ids=["two tracks", "no face"])
def test_same_distances_as_syncnet_python(tmp_path: Path, reference: Any, found: bool) -> None:
    network, detector = networks(0)
    torch.save(network.state_dict(), tmp_path / "syncnet.model")
    torch.save(detector.state_dict(), tmp_path / "s3fd.pth")
    video, audio = write_clip(tmp_path / "clip", clip_pictures(FRAMES, scenes=SCENES), clip_sound(FRAMES / 25))
    script = boxes if found else (lambda frame: [])

    both = TorchNetworks(detector, network, "random")
    ours = official_tracks(video, audio, ScriptedNetworks(script, both.lips, both.sound), SHORTEST)

    combine(video, audio, tmp_path / "combined.mp4")
    to_25_fps(tmp_path / "combined.mp4", tmp_path / "video.avi")
    pipeline = reference.SyncNetPipeline(
        device="cpu",
        min_track=SHORTEST,
        s3fd_weights=str(tmp_path / "s3fd.pth"),
        syncnet_weights=str(tmp_path / "syncnet.model"),
    )
    scripted = ScriptedNetworks(script)

    def detect(image: Image, conf_th: float, scales: list[float]) -> NDArray[np.float64]:
        return scripted.faces([image], scales[0])[0]

    pipeline.s3fd.detect_faces = detect
    offsets, confidences, distances, _, least, _, has_face = pipeline.inference(
        str(tmp_path / "combined.mp4"), str(tmp_path / "video.avi"), cache_dir=str(tmp_path / "work")
    )
    assert len(ours) == (2 if found else 0)
    assert [sync.offset for sync in ours] == offsets
    np.testing.assert_allclose([sync.distance for sync in ours], distances, atol=1e-5, rtol=0)
    np.testing.assert_allclose([sync.confidence for sync in ours], confidences, atol=1e-5, rtol=0)
    if not found:
        # What must not be taken for a perfect score.
        assert (least, has_face) == (0.0, False)
