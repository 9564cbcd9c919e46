"""The official preprocessing of FVD in OpenCV beside ours, picture by picture: equal to the bit on every kind of clip.

Holds for OpenCV 4.13 to 5.0, whose wheels carry FFmpeg 8 as PyAV's does. OpenCV 4.12 and before carry FFmpeg 5.1.
"""

from __future__ import annotations

import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Final

import av
import numpy as np
import pytest
from opencv_clips import CLIPS, FOLDER

from omnibench.media.opencv_reader import opencv_count, opencv_frames, opencv_rate
from omnibench.metrics.video.windows_area import area_resizer
from omnibench.metrics.video.windows_mpeg4 import Mpeg4Loop
from omnibench.types import Image

pytestmark = pytest.mark.parity

SIZE: Final = 224
_X264: Final = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p")
MADE: Final = {
    # size, rate, seconds, the encoder's options
    "film": ("320x240", "24000/1001", 1, _X264),
    "broadcast": ("640x360", "30000/1001", 1, _X264),
    "fifty": ("246x330", "50", 1, _X264),
    "odd-rate": ("320x240", "23.98", 1, _X264),
    "whole-blocks": ("448x448", "30", 1, _X264),
    "as-large": ("224x224", "30", 1, _X264),
    "smaller": ("96x64", "25", 1, _X264),
    "wide": ("480x160", "25", 1, _X264),
    "hd": ("1920x1080", "25", 0.4, (*_X264, "-colorspace", "bt709", "-color_primaries", "bt709")),
    "long-and-hard": ("320x320", "30", 20, _X264),
    "full-colour": ("333x251", "25", 1, ("-c:v", "libx264", "-pix_fmt", "yuv444p")),
    "odd-vp9": ("331x251", "25", 1, ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8")),
    "odd-mpeg4": ("333x251", "25", 1, ("-c:v", "mpeg4", "-q:v", "3")),
    "ten-bit-hevc": (
        "330x250",
        "25",
        1,
        ("-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-x265-params", "log-level=none"),
    ),
    "variable-rate": ("320x240", "30", 3, ("-vf", "select='mod(n,7)-3'", "-fps_mode", "vfr", *_X264)),
}
MINI: Final = ("mini-2005", "mini-2018")


def clip(name: str, folder: Path) -> Path:
    """A committed clip, one of mini's, or one that is made now."""
    from imageio_ffmpeg import get_ffmpeg_exe

    if name in MINI:
        return Path(str(files("omnibench.datasets.mini") / f"data/test/video/listener/{name}.mp4"))
    if name not in MADE:
        return FOLDER / f"{name.removeprefix('golden-')}.mp4"
    size, rate, seconds, options = MADE[name]
    made = ("-f", "lavfi", "-i", f"mandelbrot=size={size}:rate={rate}:end_pts=100", "-t", str(seconds))
    subprocess.run(
        [get_ffmpeg_exe(), *["-nostdin", "-y", "-loglevel", "error"], *made, *options, folder / "made.mp4"], check=True
    )
    return folder / "made.mp4"


def official(source: Path, target: Path) -> tuple[list[Image], float]:
    """What is left of a clip after OpenCV has read, resized and written it, and its rate."""
    import cv2

    capture = cv2.VideoCapture(str(source))
    rate = capture.get(cv2.CAP_PROP_FPS)
    writer = cv2.VideoWriter(str(target), cv2.VideoWriter_fourcc(*"mp4v"), rate, (SIZE, SIZE))
    while (read := capture.read())[0]:
        writer.write(cv2.resize(read[1], (SIZE, SIZE), interpolation=cv2.INTER_AREA))
    writer.release()
    with av.open(str(target)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)], rate


@pytest.mark.parametrize("name", [*(f"golden-{name}" for name in CLIPS), *MADE, *MINI])
def test_every_picture_is_opencvs_to_the_bit(name: str, tmp_path: Path) -> None:
    source = clip(name, tmp_path)
    expected, rate = official(source, tmp_path / "official.mp4")
    assert float(opencv_rate(source)) == rate
    loop, found = Mpeg4Loop(SIZE, opencv_rate(source)), []
    for picture in opencv_frames(source):
        found += loop.push(area_resizer(*picture.shape[:2], SIZE)(picture))
    found += loop.finish()
    assert len(found) == len(expected) == opencv_count(source)
    apart = [np.abs(ours.astype(int) - theirs) for ours, theirs in zip(found, expected, strict=True)]
    worst = max(range(len(apart)), key=lambda index: float(apart[index].max()))
    assert apart[worst].max() == 0, f"picture {worst}: up to {apart[worst].max()}, {np.mean(apart):.4f} on average"
