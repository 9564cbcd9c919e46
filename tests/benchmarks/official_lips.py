"""Lip sync without its networks: from video and sound files to LSE-D, both sides with the same three stand-ins.

The stand-ins answer at once: a face that sways in a fixed place, and embeddings that are samples of what the towers are
shown. So the steps around the networks are what is timed: for the official scripts muxing, four encodings, scenes,
tracks, crops, cepstra, shifts; the two interpreters that they start for each video are left out.
"""

from __future__ import annotations

import contextlib
import os
import runpy
import shutil
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from official_clips import FPS, SIDE, write_clips
from official_rows import Row, script, timed

from omnibench.features.media import Media
from omnibench.features.store import FeatureStore
from omnibench.media.audio import read_audio
from omnibench.media.video import read_frames
from omnibench.metrics.lips.lipsync.official import official_tracks
from omnibench.metrics.lips.lipsync.stream import LipSyncExtractor
from omnibench.metrics.lips.sync_distance import LipSync, lse
from omnibench.types import Image

DIMENSIONS = 1024
RATE = 16_000


def face_at(frame: int) -> list[float]:
    """Left, top, right, bottom and confidence of the face in a frame at 25 a second."""
    sway = 12 * np.sin(frame / 20)
    return [SIDE * 0.3 + sway, SIDE * 0.3, SIDE * 0.7 + sway, SIDE * 0.75, 1.0]


def samples_of(windows: NDArray[Any]) -> NDArray[np.float32]:
    """``(n, 1024)`` numbers of each of ``(n, ...)``, evenly spread over it, repeated where there are fewer, in 1/256:
    so distances are of the size of SyncNet's.
    """
    flat = windows.reshape(len(windows), -1)
    picked = flat[:, np.arange(DIMENSIONS) * max(1, flat.shape[1] // DIMENSIONS) % flat.shape[1]]
    return np.ascontiguousarray(picked, dtype=np.float32) / np.float32(256)


class StandIns:
    """omnibench's view of the stand-ins."""

    key = "stand-ins"

    def __init__(self) -> None:
        self._frame = 0

    def faces(self, pictures: Sequence[Image], scale: float) -> list[NDArray[np.float64]]:
        first, self._frame = self._frame, self._frame + len(pictures)
        return [np.array([face_at(frame)]) for frame in range(first, self._frame)]

    def lips(self, windows: NDArray[np.uint8]) -> NDArray[np.float32]:
        return samples_of(windows[..., ::-1].transpose(0, 4, 1, 2, 3))

    def sound(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        return samples_of(windows)


def lip_rows(official: Path, syncnet: Path | None, scratch: Path, clips: int) -> list[Row]:
    """Both protocols against the official chain; the difference is the largest of a track's LSE-D."""
    if syncnet is None:
        raise SystemExit("--syncnet: expected a checkout of joonson/syncnet_python, whose run_pipeline.py is timed.")
    paths = write_clips(scratch / "clips", clips)
    _strict(paths[0], StandIns())  # imports and compiled loops
    with _official_surroundings(official, scratch):
        theirs_seconds, expected = timed(lambda: _official(official, syncnet, scratch))
    strict_seconds, _ = timed(lambda: [_strict(path, StandIns()) for path in paths])
    paper_seconds, found = timed(lambda: [track.distance for path in paths for track in _paper(path)])
    worst = max(abs(a - b) for a, b in zip(expected, found, strict=True))
    return [
        Row("LSE-D around its networks, paper", theirs_seconds, paper_seconds, 1.5, worst),
        Row("LSE-D around its networks, strict", theirs_seconds, strict_seconds, 3, None),
    ]


def _paper(path: Path) -> list[LipSync]:
    return official_tracks(path, path.with_suffix(".wav"), StandIns())


def _strict(path: Path, networks: StandIns) -> float:
    sound = path.with_suffix(".wav")
    media = Media(
        f"{path}:{id(networks)}",
        lambda: FPS,
        lambda: read_frames(path),
        lambda: RATE,
        lambda start, stop: read_audio(sound, start, stop),
        path,
        sound,
    )
    return lse(FeatureStore().frames(media, LipSyncExtractor(networks))["distances"]).distance


def _official(official: Path, syncnet: Path, scratch: Path) -> list[float]:
    """LSE-D of every track of every clip, by the scripts' own functions in their order."""
    folder = official / "audio" / "audio_sync"
    clips, muxed = scratch / "clips", scratch / "muxed"
    script(folder / "combine_av.py", "official_combine").merge_video_audio(clips, clips, muxed)
    scores = script(folder / "SyncNetInstance_calc_scores.py", "official_syncnet")
    distances = []
    for video in sorted(muxed.iterdir()):
        work = scratch / "work"
        sys.argv = ["run_pipeline.py", "--videofile", str(video), "--reference", "wav2lip", "--data_dir", str(work)]
        runpy.run_path(str(syncnet / "run_pipeline.py"), run_name="__main__")
        options = Namespace(tmp_dir=str(work / "pytmp"), reference="wav2lip", batch_size=20, vshift=15)
        network = scores.SyncNetInstance()
        for crop in sorted((work / "pycrop" / "wav2lip").glob("0*.avi")):
            distances.append(float(network.evaluate(options, videofile=str(crop))[2]))
    if len(distances) < len(list(muxed.iterdir())):
        raise SystemExit("the official pipeline lost a clip: see its messages")
    return distances


class _Detector:
    """In the place of S3FD: a face for each picture in turn."""

    def __init__(self, device: str) -> None:
        self._frame = -1

    def detect_faces(self, image: Image, conf_th: float, scales: list[float]) -> NDArray[np.float64]:
        self._frame += 1
        return np.array([face_at(self._frame)])


class _Towers(torch.nn.Module):
    """In the place of SyncNet."""

    def __init__(self, num_layers_in_fc_layers: int) -> None:
        super().__init__()

    def cuda(self, device: Any = None) -> _Towers:
        return self

    def forward_lip(self, windows: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(samples_of(windows.numpy()))

    def forward_aud(self, windows: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(samples_of(windows.numpy()))


@contextlib.contextmanager
def _official_surroundings(official: Path, scratch: Path) -> Iterator[None]:
    """Stand-ins under the names that the scripts import, ffmpeg on the path, their messages out of the way, no GPU."""
    detectors, package, model = ModuleType("detectors"), ModuleType("syncnet_python"), ModuleType("SyncNetModel")
    detectors.S3FD, model.S = _Detector, _Towers  # type: ignore[attr-defined]
    model.__all__ = ["S"]  # type: ignore[attr-defined]
    sys.modules |= {"detectors": detectors, "syncnet_python": package, "syncnet_python.SyncNetModel": model}
    cuda, arguments, path = torch.Tensor.cuda, sys.argv, os.environ["PATH"]
    torch.Tensor.cuda = lambda self: self  # type: ignore[assignment,method-assign,misc]
    os.environ["PATH"] = f"{_ffmpeg_folder(scratch)}{os.pathsep}{path}"
    messages, quiet = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 2)
    try:
        with contextlib.redirect_stdout(None):
            yield
    finally:
        os.dup2(messages, 2)
        os.environ["PATH"], sys.argv = path, arguments
        torch.Tensor.cuda = cuda  # type: ignore[method-assign]
        for name in ("detectors", "syncnet_python", "syncnet_python.SyncNetModel"):
            del sys.modules[name]


def _ffmpeg_folder(scratch: Path) -> Path:
    """A folder with a program called ffmpeg: the system's, else imageio-ffmpeg's."""
    found = shutil.which("ffmpeg")
    if found:
        return Path(found).parent
    import imageio_ffmpeg

    folder = scratch / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ffmpeg").symlink_to(imageio_ffmpeg.get_ffmpeg_exe())
    return folder
