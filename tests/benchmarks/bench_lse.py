"""Processor seconds of the lip-sync pipelines without their networks, against the official chain of commands.

The official side is that of ``run_pipeline.py`` and ``SyncNetInstance.py`` of joonson/syncnet_python @6efbb1c with a
scripted detector: ffmpeg's commands, OpenCV's JPEG files, PySceneDetect 0.6.7, padding and resizing by NumPy and
OpenCV. Needs an environment with the parity tests' packages:

    python tests/benchmarks/bench_lse.py [SECONDS] [SIDE]
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from lipsync_factory import ScriptedNetworks, clip_pictures, clip_sound, memory_clip, write_clip

from omnibench.media.video import read_frames, video_info
from omnibench.metrics.lips.lipsync.crops import squares
from omnibench.metrics.lips.lipsync.official import official_tracks
from omnibench.metrics.lips.lipsync.stream import LipSyncExtractor
from omnibench.metrics.lips.lipsync.tracks import tracks_of


def main(seconds: int, side: int) -> None:
    def boxes(frame: int) -> list[tuple[float, float, float, float]]:
        return [(0.3 * side, 0.25 * side, 0.7 * side, 0.7 * side)]

    def nothing(windows: Any) -> Any:
        return np.zeros((len(windows), 8), dtype=np.float32)

    def networks() -> ScriptedNetworks:
        return ScriptedNetworks(boxes, nothing, nothing)

    with TemporaryDirectory() as folder:
        pictures = clip_pictures(25, side) * seconds
        sound = clip_sound(float(seconds))
        video, audio = write_clip(Path(folder) / "clip", pictures, sound)

        def strict() -> None:
            media = memory_clip([], sound, video_info(video).fps)
            running = LipSyncExtractor(networks()).open(media)
            for image in read_frames(video):
                running.push(image)
            running.finish()

        def paper() -> None:
            official_tracks(video, audio, networks())

        strict()
        found = {
            "official chain": spent(lambda: official(video, audio, networks(), Path(folder) / "work")),
            "paper": spent(paper),
            "strict": spent(strict),
        }
    base = found["official chain"]
    for name, value in found.items():
        print(f"{name:15} {value:7.2f} s  {base / value:5.2f} x   ({seconds} s of {side} x {side})")


def official(video: Path, audio: Path, networks: ScriptedNetworks, work: Path) -> None:
    import cv2
    from imageio_ffmpeg import get_ffmpeg_exe
    from scenedetect import ContentDetector, SceneManager, StatsManager
    from scenedetect.video_manager import VideoManager

    cv2.setNumThreads(1)
    for name in ("frames", "crops"):
        (work / name).mkdir(parents=True)

    def ffmpeg(*arguments: str | Path) -> None:
        subprocess.run([get_ffmpeg_exe(), "-y", "-loglevel", "error", *map(str, arguments)], check=True)

    copy = ("-c:v", "copy")
    ffmpeg("-i", video, "-i", audio, *copy, "-c:a", "aac", "-b:a", "192k", work / "c.mp4")
    ffmpeg("-i", work / "c.mp4", "-qscale:v", "2", "-async", "1", "-r", "25", work / "v.avi")
    ffmpeg("-i", work / "v.avi", "-qscale:v", "2", "-threads", "1", "-f", "image2", work / "frames" / "%06d.jpg")
    ffmpeg("-i", work / "v.avi", "-ac", "1", "-vn", "-acodec", "pcm_s16le", "-ar", "16000", work / "a.wav")
    files = sorted((work / "frames").iterdir())
    faces = []
    for file in files:
        image = cv2.cvtColor(cv2.imread(str(file)), cv2.COLOR_BGR2RGB)
        cv2.resize(image, (0, 0), fx=0.25, fy=0.25)
        faces += networks.faces([image], 0.25)
    stream, manager = VideoManager([str(work / "v.avi")]), SceneManager(StatsManager())
    manager.add_detector(ContentDetector())
    stream.start()
    manager.detect_scenes(frame_source=stream)
    (track,) = tracks_of(faces, [(0, len(files))])
    writer = cv2.VideoWriter(str(work / "t.avi"), cv2.VideoWriter_fourcc(*"XVID"), 25, (224, 224))
    for square, file in zip(squares(track.boxes), files, strict=True):
        pad = int(square.half * 1.8)
        image = np.pad(cv2.imread(str(file)), ((pad, pad), (pad, pad), (0, 0)), constant_values=110)
        x, y = square.x + pad, square.y + pad
        rows = slice(int(y - square.half), int(y + square.half * 1.8))
        columns = slice(int(x - square.half * 1.4), int(x + square.half * 1.4))
        writer.write(cv2.resize(image[rows, columns], (224, 224)))
    writer.release()
    ffmpeg("-i", work / "t.avi", "-i", work / "a.wav", *copy, "-c:a", "copy", work / "crop.avi")
    ffmpeg("-i", work / "crop.avi", "-threads", "1", "-f", "image2", work / "crops" / "%06d.jpg")
    images = [cv2.resize(cv2.imread(str(file)), (224, 224)) for file in sorted((work / "crops").iterdir())]
    np.stack(images, axis=3).astype(float).astype(np.float32)


def spent(work: Callable[[], None]) -> float:
    """Processor seconds of ``work``, those of the programs it runs included."""
    before = os.times()
    started = time.perf_counter()
    work()
    after = os.times()
    print(f"  wall {time.perf_counter() - started:.2f} s", file=sys.stderr)
    return sum(after[index] - before[index] for index in range(4))


if __name__ == "__main__":
    main(*(int(value) for value in (*sys.argv[1:], "10", "512")[:2]))
