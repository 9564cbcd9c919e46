"""``torchvision.io.read_video`` is gone, and with it the official script. Clips are decoded through PyAV, and neither
torchvision nor OpenCV is asked for.
"""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
for name in ("torchvision", "cv2"):
    sys.modules[name] = None
import numpy as np
from fractions import Fraction
from omnibench.metrics.video import i3d
from omnibench.metrics.video.windows_area import area_resizer
from omnibench.metrics.video.windows_mpeg4 import Mpeg4Loop
from omnibench.metrics.video import fvd
from omnibench.metrics.video import fvd_floor
loop = Mpeg4Loop(32, Fraction(25))
image = area_resizer(48, 40, 32)(np.full((48, 40, 3), 90, np.uint8))
print(len(loop.push(image) + loop.push(image) + loop.finish()))
"""


def test_fvd_needs_neither_torchvision_nor_opencv() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "2"
