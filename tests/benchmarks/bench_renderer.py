"""Frames per second of the renderer on one core. Run as a script; it asserts nothing.

python tests/benchmarks/bench_renderer.py [identity ...]
"""

from __future__ import annotations

import sys
import time

import numpy as np

from omnibench.media.face import index_of
from omnibench.media.mesh.pose import neutral_row
from omnibench.media.renderer import get_renderer

FRAMES = 300


def talking(frames: int) -> np.ndarray:
    """A head that talks, smiles and turns, (frames, 64)."""
    face = np.repeat(neutral_row()[None], frames, 0)
    time_axis = np.arange(frames)
    for name, cycle in (
        ("jawOpen", 9),
        ("mouthFunnel", 13),
        ("mouthPucker", 17),
        ("browInnerUp", 40),
        ("eyeSquintLeft", 31),
    ):
        face[:, index_of(name)] = 0.4 * np.abs(np.sin(time_axis / cycle))
    for side in ("Left", "Right"):
        face[:, index_of(f"mouthSmile{side}")] = 0.3 + 0.3 * np.sin(time_axis / 50)
        face[:, index_of(f"eyeBlink{side}")] = (time_axis % 60 < 4).astype(float)
    yaw = 0.3 * np.sin(time_axis / 25)
    face[:, 52] = face[:, 62] = np.cos(yaw)
    face[:, 54], face[:, 60] = np.sin(yaw), -np.sin(yaw)
    return face.astype(np.float32)


def main(identities: list[str]) -> None:
    """Print the seconds to the first frame, then frames per second of wall and of processor time."""
    face = talking(FRAMES)
    renderer = get_renderer()
    for identity in identities:
        start = time.perf_counter()
        frames = renderer.render(face, identity)
        next(frames)
        first = time.perf_counter() - start
        wall, processor = time.perf_counter(), time.thread_time()
        count = sum(1 for _ in frames)
        wall, processor = time.perf_counter() - wall, time.thread_time() - processor
        print(
            f"{identity}: first frame {first:.2f} s, then {count / wall:.0f} frames/s wall, "
            f"{count / processor:.0f} frames/s of one core"
        )


if __name__ == "__main__":
    main(sys.argv[1:] or ["p01", "p03", "p08", "p22"])
