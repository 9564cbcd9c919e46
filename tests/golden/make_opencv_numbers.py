"""Make ``opencv/``: small clips, and what OpenCV reads of them (``tox -e parity`` compares whole pictures).

pip install "opencv-python-headless>=4.13,<5" imageio-ffmpeg
python tests/golden/make_opencv_numbers.py
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

import cv2
import numpy as np
from imageio_ffmpeg import get_ffmpeg_exe
from opencv_clips import CLIPS, FOLDER


def main() -> None:
    """Write the clips, ``read.npz`` and ``read.json``."""
    FOLDER.mkdir(exist_ok=True)
    shown, rates, counts = {}, {}, {}
    for name, arguments in CLIPS.items():
        path = FOLDER / f"{name}.mp4"
        steps = [arguments] if isinstance(arguments[0], str) else arguments
        with tempfile.TemporaryDirectory() as scratch:
            source = Path(scratch) / "source.mp4"
            for step in steps:
                command = [str(source) if part == "SOURCE" else part for part in step]
                subprocess.run(
                    [get_ffmpeg_exe(), "-nostdin", "-y", "-loglevel", "error", *command, str(path)], check=True
                )
                source.write_bytes(path.read_bytes())
        capture = cv2.VideoCapture(str(path))
        rates[name] = capture.get(cv2.CAP_PROP_FPS)
        pictures = []
        while (read := capture.read())[0]:
            pictures.append(read[1][..., ::-1])
        shown[name], counts[name] = np.stack(pictures[:2]), len(pictures)
    np.savez_compressed(FOLDER / "read.npz", **shown)
    numbers = {"source": f"opencv {cv2.__version__}", "rates": rates, "counts": counts}
    (FOLDER / "read.json").write_text(json.dumps(numbers) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
