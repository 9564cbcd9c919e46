"""Videos read as OpenCV does it, beside what OpenCV 4.14 itself read.

``tox -e parity`` holds every bit. Here a processor of another kind may round otherwise: without SSSE3 ffmpeg's colours
lie up to 4 grey levels away. Another interpolation, matrix or turn lies 27 and more away.
"""

from __future__ import annotations

import json

import numpy as np
import pytest
from opencv_clips import CLIPS, FOLDER

from omnibench.media.opencv_reader import opencv_count, opencv_frames, opencv_rate

NUMBERS = json.loads((FOLDER / "read.json").read_text())


@pytest.mark.parametrize("name", CLIPS)
def test_pictures_number_and_rate_are_opencvs(name: str) -> None:
    path = FOLDER / f"{name}.mp4"
    pictures = list(opencv_frames(path))
    assert len(pictures) == opencv_count(path) == NUMBERS["counts"][name]
    assert float(opencv_rate(path)) == NUMBERS["rates"][name]
    expected = np.load(FOLDER / "read.npz")[name].astype(int)
    assert pictures[0].shape == expected[0].shape
    assert np.abs(np.stack(pictures[:2]) - expected).max() <= 6
