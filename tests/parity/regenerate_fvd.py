"""Make ``golden_fvd.json`` with the official FVD scripts themselves, and the clips that they see.

    python tests/parity/regenerate_fvd.py FOLDER

FOLDER is ``evaluation/video/fvd`` of a checkout of awakening-ai/OmniResponse @2ba1c7c, outside this project. Needs
``opencv-python-headless`` and ``tqdm`` beside torch, scipy and PyAV. The scripts import ``torchvision.io.read_video``,
which torchvision 0.28 no longer has: a stand-in decodes with PyAV to ``rgb24``, as it did.
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
import tempfile
import types
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import torch
from fvd_network import scripted

HERE = Path(__file__).parent
CLIPS = HERE / "fvd_clips"
COMMIT = "awakening-ai/OmniResponse@2ba1c7c"
SEEDS = (42, 43, 44, 45, 46)
FRAMES, VIDEOS, BATCH = 12, 6, 4
# Not multiples of 224, larger and smaller, and one clip a side that is shorter than a window.
SIZES = {"a": (64, 64), "a-1": (256, 256), "b": (64, 64), "c": (96, 80), "d": (64, 64), "e": (64, 64), "f": (64, 64)}
LENGTHS = {"generated": (20, 18, 25, 11, 16, 30, 14), "real": (21, 18, 24, 31, 11, 30, 12)}


def read_video(path: str, pts_unit: str = "pts") -> tuple[torch.Tensor, torch.Tensor, dict[str, float]]:
    """What torchvision's reader gave: all frames ``(T, H, W, 3)`` uint8."""
    with av.open(path) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return torch.from_numpy(np.stack(frames)), torch.zeros(0), {}


def official(folder: Path) -> tuple[types.ModuleType, types.ModuleType]:
    """The two official scripts as modules."""
    vision, io = types.ModuleType("torchvision"), types.ModuleType("torchvision.io")
    io.read_video = read_video  # type: ignore[attr-defined]
    sys.modules.update({"torchvision": vision, "torchvision.io": io})
    sys.path.insert(0, str(folder))
    import frechet_video_distance
    import preprocess_resize224

    return frechet_video_distance, preprocess_resize224


def picture(rng: np.random.Generator, size: tuple[int, int], frames: int) -> np.ndarray:
    """A moving pattern ``(frames, height, width, 3)`` uint8."""
    height, width = size
    y, x = np.mgrid[:height, :width] / 16
    pace, phase = rng.uniform(0.05, 0.4, 3), rng.uniform(0, 6, 3)
    t = np.arange(frames)[:, None, None]
    planes = [128 + 90 * np.sin(x * (1 + k / 3) + y * pace[k] * 4 + phase[k] + t * pace[k]) for k in range(3)]
    return np.clip(np.stack(planes, -1) + rng.normal(0, 3, (frames, height, width, 3)), 0, 255).astype(np.uint8)


def write_clips() -> None:
    """The clips, H.264 at 25 fps (one at 30000/1001)."""
    from omnibench.media.video import VideoWriter

    for number, (side, lengths) in enumerate(LENGTHS.items()):
        for index, ((name, size), frames) in enumerate(zip(SIZES.items(), lengths, strict=True)):
            fps = Fraction(30000, 1001) if name == "b" else Fraction(25)
            with VideoWriter(CLIPS / side / f"{name}.mp4", fps, (size[1], size[0])) as writer:
                for image in picture(np.random.default_rng([number, index]), size, frames):
                    writer.write(image)


def run_on_clips(fvd: types.ModuleType, preprocess: types.ModuleType) -> dict[str, object]:
    """Preprocessing, features and FVD of the clips under each seed."""
    detector, kept = scripted(0), []

    def recording(videos: torch.Tensor, **options: bool) -> torch.Tensor:
        features = detector(videos, **options)
        kept.append(features.tolist())
        return features

    rows, pictures = [], {}
    with tempfile.TemporaryDirectory() as scratch:
        for side in LENGTHS:
            for path in preprocess.list_mp4_files(CLIPS / side, False):
                done = Path(scratch) / side / path.name
                assert preprocess.transcode_one((path, done, 224, None, False))["status"] == "ok"
                video = read_video(str(done))[0].numpy()
                pictures[f"{side}/{path.stem}"] = hashlib.sha256(video.tobytes()).hexdigest()
        for seed in SEEDS:
            random.seed(seed)
            moments = []
            for side, own in zip(LENGTHS, (seed, seed + 999), strict=True):
                kept.clear()
                moments += fvd.compute_dir_feature_stats(
                    str(Path(scratch) / side), recording, {"rescale": True, "resize": False, "return_features": True},
                    torch.device("cpu"), VIDEOS, FRAMES, 1, BATCH, own, True, False,
                )  # fmt: skip
                rows.append({"seed": seed, "side": side, "features": [row for batch in kept for row in batch][:VIDEOS]})
            rows.append({"seed": seed, "fvd": fvd.frechet_distance(*moments)})
    return {"rows": rows, "pictures": pictures}


def run_draws(fvd: types.ModuleType) -> list[dict[str, object]]:
    """Which clips the official script takes, in its order, and from which frame: each frame of a stand-in clip holds
    its own number and its clip's.
    """
    cases = []
    for count, videos, frames, batch, seed in (
        ((150, 145), 140, 6, 32, 42), ((140, 140), 140, 6, 32, 46), ((170, 141), 140, 6, 32, 43),
        ((9, 8), 7, 4, 4, 44), ((12, 7), 6, 5, 3, 45), ((5, 5), 5, 3, 32, 42),
    ):  # fmt: skip
        rng = np.random.default_rng([seed, *count])
        lengths = [{f"c{i}-{rng.integers(9)}" if i % 3 else f"c{i}": int(rng.integers(frames, 700)) for i in range(n)}
                   for n in count]  # fmt: skip
        if count[1] > videos:
            lengths[1][sorted(lengths[1])[0]] = frames - 1
        random.seed(seed)
        drawn = []
        for side, own in zip(lengths, (seed, seed + 999), strict=True):
            names = sorted(side)
            drawn.append(draw(fvd, side, names, videos, frames, batch, own))
        cases.append({"seed": seed, "videos": videos, "frames": frames, "batch": batch, "lengths": lengths,
                      "drawn": drawn})  # fmt: skip
    return cases


def draw(
    fvd: types.ModuleType, side: dict[str, int], names: list[str], videos: int, frames: int, batch: int, seed: int
) -> list[tuple[str, int]]:
    """One side's clips and starts, in order."""
    found: list[tuple[str, int]] = []

    def stand_in(path: str, pts_unit: str) -> tuple[torch.Tensor, None, None]:
        index, length = names.index(Path(path).stem), side[Path(path).stem]
        number = torch.arange(length)
        pixels = torch.stack([number % 256, number // 256, torch.full((length,), index)], -1)
        return pixels.to(torch.uint8)[:, None, None], None, None

    def detector(clips: torch.Tensor) -> torch.Tensor:
        for clip in clips[:, :, 0, 0, 0].tolist():
            found.append((names[clip[2]], clip[0] + 256 * clip[1]))
        return torch.zeros(len(clips), 2)

    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            (Path(folder) / f"{name}.mp4").touch()
        fvd.read_video = stand_in
        fvd.compute_dir_feature_stats(
            folder, detector, {}, torch.device("cpu"), videos, frames, 1, batch, seed, True, False
        )
        fvd.read_video = read_video
    return found[:videos]


def run_resizes() -> list[dict[str, object]]:
    """Hashes of OpenCV's INTER_AREA on seeded noise."""
    rows = []
    for height, width, size in (
        (512, 512, 224), (448, 448, 224), (672, 672, 224), (384, 384, 224), (720, 1280, 224), (225, 223, 224),
        (300, 200, 224), (200, 300, 224), (128, 128, 224), (224, 300, 224), (256, 256, 64), (97, 101, 64),
    ):  # fmt: skip
        image = np.random.default_rng([height, width, size]).integers(0, 256, (height, width, 3), dtype=np.uint8)
        small = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
        rows.append({"height": height, "width": width, "size": size,
                     "sha256": hashlib.sha256(small.tobytes()).hexdigest()})  # fmt: skip
    return rows


def main() -> None:
    """Write the clips and the golden file."""
    torch.set_num_threads(1)
    fvd, preprocess = official(Path(sys.argv[1]))
    write_clips()
    golden = {
        "source": f"{COMMIT} evaluation/video/fvd, opencv {cv2.__version__}, torch {torch.__version__}",
        "network": "fvd_network.scripted(0)",
        "frames": FRAMES, "videos": VIDEOS, "batch": BATCH, "seeds": SEEDS,
        "clips": run_on_clips(fvd, preprocess),
        "draws": run_draws(fvd),
        "resizes": run_resizes(),
    }  # fmt: skip
    (HERE / "golden_fvd.json").write_text(json.dumps(golden) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
