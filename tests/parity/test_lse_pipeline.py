"""The official lip-sync pipeline against syncnet-python 0.2.3 with joonson's constants and the same random weights.

From the same pictures of lips and the same sound on, and through the whole chain (two scenes with a track each, one too
short a scene, and a clip without a face), the numbers are equal to 1e-5. One processor, because MPEG-4's encoder makes
as many slices as it finds. Faces are equal to the bit, box by box; where several boxes have one score to the last bit,
the original's order hangs on the processor's sort, ours takes the last.
"""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Iterator
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from lipsync_factory import ScriptedNetworks, clip_pictures, clip_sound, write_clip
from numpy.typing import NDArray

from omnibench.media.audio import read_audio
from omnibench.media.video import read_frames
from omnibench.metrics.lips.lipsync.detection import detect_faces
from omnibench.metrics.lips.lipsync.encodes import combine, to_25_fps
from omnibench.metrics.lips.lipsync.mfcc import mfcc, sound_windows
from omnibench.metrics.lips.lipsync.networks import TorchNetworks
from omnibench.metrics.lips.lipsync.official import official_tracks, sync_of
from omnibench.metrics.lips.lipsync.pixels import cut_out
from omnibench.metrics.lips.s3fd import S3FD
from omnibench.metrics.lips.sync_distance import WINDOW
from omnibench.metrics.lips.syncnet import SyncNet
from omnibench.types import Image

pytestmark = pytest.mark.parity

SHORTEST = 12
SCENES = (22, 30)
FRAMES = 60
MINI = Path(str(files("omnibench.datasets.mini"))) / "data" / "test"


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


class SmallTowers(torch.nn.Module):
    """In SyncNet's place for whole clips, for time: one random layer each; SyncNet itself has its own test."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.sound_layer = torch.nn.Linear(13 * 20, 64)
        self.lips_layer = torch.nn.Linear(5 * 3 * 14 * 14, 64)

    def forward_aud(self, cepstra: torch.Tensor) -> torch.Tensor:
        return self.sound_layer(cepstra.flatten(1) / 20)

    def forward_lip(self, pictures: torch.Tensor) -> torch.Tensor:
        return self.lips_layer((pictures / 128)[:, :, :, ::16, ::16].flatten(1))

    def sound(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        with torch.inference_mode():
            return self.forward_aud(torch.from_numpy(windows)).numpy()

    def lips(self, windows: NDArray[np.uint8]) -> NDArray[np.float32]:
        shown = np.ascontiguousarray(windows[..., ::-1].transpose(0, 4, 1, 2, 3), dtype=np.float32)
        with torch.inference_mode():
            return self.forward_lip(torch.from_numpy(shown)).numpy()


def lips_that_say(network: SyncNet, pictures: list[Image], samples: NDArray[np.int16], shift: int) -> None:
    """Teach the last layer of the lips what the sound says ``shift`` frames later (ridge regression), so that the best
    shift is that one and lies inside.
    """
    count = len(pictures) - WINDOW
    windows = np.stack([np.stack(pictures[first : first + WINDOW]) for first in range(count)])
    shown = torch.from_numpy(np.ascontiguousarray(windows[..., ::-1].transpose(0, 4, 1, 2, 3), dtype=np.float32))
    with torch.inference_mode():
        seen = network.netfclip[:-1](network.netcnnlip(shown).flatten(1)).double()
        heard = network.sound(torch.from_numpy(sound_windows(mfcc(samples), 0, count))).double()
        wanted = torch.zeros_like(heard)
        wanted[max(0, -shift) : count - max(0, shift)] = heard[max(0, shift) : count - max(0, -shift)]
        middle = seen.mean(0)
        apart = seen - middle
        learned = torch.linalg.solve(apart.T @ apart + 0.01 * torch.eye(apart.shape[1]), apart.T @ wanted)
        network.netfclip[-1].weight.copy_(learned.T)
        network.netfclip[-1].bias.copy_(wanted.mean(0) - middle @ learned)


def reference_numbers(
    reference: Any, folder: Path, pictures: list[Image], samples: NDArray[np.int16], network: SyncNet
) -> tuple[int, float, float]:
    """Offset, confidence and distance by ``SyncNetInstance.evaluate`` with our network's weights."""
    import cv2
    import soundfile

    theirs = reference.S().eval()
    theirs.load_state_dict(network.state_dict())
    for index, picture in enumerate(pictures):
        # Lossless content under the name that it looks for.
        (folder / f"{index:06d}.jpg").write_bytes(cv2.imencode(".png", picture[..., ::-1])[1].tobytes())
    soundfile.write(folder / "audio.wav", samples, 16_000, subtype="PCM_16")
    instance = reference.SyncNetInstance(net=theirs, device="cpu")
    return instance.evaluate(types.SimpleNamespace(tmp_dir=str(folder), batch_size=20, vshift=15))


def test_same_numbers_from_the_same_lips_and_sound(tmp_path: Path, reference: Any) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    network = SyncNet().eval()
    pictures = clip_pictures(11, side=224)
    samples = (clip_sound(11 / 25) * 32767).astype(np.int16)
    offset, confidence, distance = reference_numbers(reference, tmp_path, pictures, samples, network)

    found = sync_of(pictures, len(pictures), samples, TorchNetworks(S3FD().eval(), network, "random"))
    assert found is not None
    assert found.distance == pytest.approx(distance, abs=1e-5)
    assert found.confidence == pytest.approx(confidence, abs=1e-5)
    assert found.offset == offset


@pytest.mark.parametrize(("name", "shift"), [("mini-2005", 3), ("mini-2018", -6)])
def test_same_numbers_where_the_best_shift_lies_inside(tmp_path: Path, reference: Any, name: str, shift: int) -> None:
    """One of mini's faces while it speaks. With random weights the best shift is the first or the last of the 31."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    network = SyncNet().eval()
    frames = islice(read_frames(MINI / "video" / "listener" / f"{name}.mp4"), 30, 80)
    pictures = [cut_out(frame, (40, 40, 216, 216), 224, 224) for frame in frames]
    sound = read_audio(MINI / "audio" / "listener" / f"{name}.flac")[30 * 640 : 80 * 640]
    samples = (sound * 32767).astype(np.int16)
    lips_that_say(network, pictures, samples, shift)
    offset, confidence, distance = reference_numbers(reference, tmp_path, pictures, samples, network)
    assert offset == -shift

    found = sync_of(pictures, len(pictures), samples, TorchNetworks(S3FD().eval(), network, "taught"))
    assert found is not None
    assert found.offset == offset
    assert found.distance == pytest.approx(distance, abs=1e-5)
    assert found.confidence == pytest.approx(confidence, abs=1e-5)
    assert found.zero > distance + 0.1


def seeing_detector(seed: int) -> S3FD:
    """Random weights through which a picture gets: as drawn by default it dies on its way through 13 layers, every
    score is a half and no box is ever a face.
    """
    torch.manual_seed(seed)
    detector = S3FD().eval()
    for layer in (layer for layer in [*detector.vgg, *detector.extras] if isinstance(layer, torch.nn.Conv2d)):
        torch.nn.init.kaiming_normal_(layer.weight)
    for level, heads in enumerate(zip(detector.conf, detector.loc, strict=True)):
        for head in heads:
            # The first three maps are scaled to unit length, the others are not. No score is 1 to the last bit.
            torch.nn.init.normal_(head.weight, 0, (6 if level < 3 else 0.06) / head.weight[0].numel() ** 0.5)
    return detector


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(("scale", "threshold"), [(0.25, 0.9), (0.25, 0.5), (0.25, 0.1), (0.75, 0.9), (0.75, 0.3)])
def test_faces_are_the_references_box_by_box(reference: Any, seed: int, scale: float, threshold: float) -> None:
    from syncnet_python.detectors.s3fd import S3FD as Reference
    from syncnet_python.detectors.s3fd.nets import S3FDNet

    torch.set_num_threads(1)
    ours = seeing_detector(seed)
    theirs = S3FDNet(device="cpu").eval()
    theirs.load_state_dict(ours.state_dict())
    shown = [next(read_frames(MINI / "video" / "listener" / f"{name}.mp4")) for name in ("mini-2005", "mini-2018")]
    together = detect_faces(ours, shown, scale, threshold)
    for faces, picture in zip(together, shown, strict=True):
        expected = Reference(theirs, device="cpu").detect_faces(picture, conf_th=threshold, scales=[scale])
        assert len(expected) > 3
        np.testing.assert_array_equal(detect_faces(ours, [picture], scale, threshold)[0], expected)
        # Convolutions of two pictures at once add in another order.
        np.testing.assert_allclose(faces, expected, atol=1e-3)


@pytest.mark.usefixtures("one_processor")
@pytest.mark.parametrize(
    ("found", "noise"),
    [(True, 0), (True, 40), (False, 0)],
    ids=["two tracks", "more than the bit rate holds", "no face"],
)
def test_same_tracks_and_distances_through_the_whole_chain(
    tmp_path: Path, reference: Any, monkeypatch: pytest.MonkeyPatch, found: bool, noise: int
) -> None:
    torch.set_num_threads(1)
    towers = SmallTowers().eval()
    rng = np.random.default_rng(0)
    pictures = [
        np.clip(picture + rng.normal(0, noise, picture.shape), 0, 255).astype(np.uint8)
        for picture in clip_pictures(FRAMES, scenes=SCENES)
    ]
    video, audio = write_clip(tmp_path / "clip", pictures, clip_sound(FRAMES / 25))
    script = boxes if found else (lambda frame: [])
    ours = official_tracks(video, audio, ScriptedNetworks(script, towers.lips, towers.sound), SHORTEST)

    combine(video, audio, tmp_path / "combined.mp4")
    to_25_fps(tmp_path / "combined.mp4", tmp_path / "video.avi")
    scripted = ScriptedNetworks(script)

    def detect(image: Image, conf_th: float, scales: list[float]) -> NDArray[np.float64]:
        return scripted.faces([image], scales[0])[0]

    instance = reference.SyncNetInstance(net=towers, device="cpu")
    detector = types.SimpleNamespace(detect_faces=detect)
    monkeypatch.setattr(reference.SyncNetPipeline, "_load_s3fd", lambda self, path: detector)
    monkeypatch.setattr(reference.SyncNetPipeline, "_load_syncnet", lambda self, path: instance)
    pipeline = reference.SyncNetPipeline(device="cpu", min_track=SHORTEST)
    offsets, confidences, distances, _, least, _, has_face = pipeline.inference(
        str(tmp_path / "combined.mp4"), str(tmp_path / "video.avi"), cache_dir=str(tmp_path / "work")
    )
    assert len(ours) == (2 if found else 0)
    assert [sync.offset for sync in ours] == offsets
    np.testing.assert_allclose([sync.distance for sync in ours], distances, rtol=0, atol=1e-5)
    np.testing.assert_allclose([sync.confidence for sync in ours], confidences, rtol=0, atol=1e-5)
    if not found:
        # What must not be taken for a perfect score.
        assert (least, has_face) == (0.0, False)
