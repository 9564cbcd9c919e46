"""The pinned I3D gives the value that its users check their installation by; needs ``omnibench assets fetch
i3d_torchscript``.
"""

from __future__ import annotations

import numpy as np
import pytest

from omnibench.errors import MissingError
from omnibench.metrics.video.fvd_arithmetic import distance, paper_distance
from omnibench.metrics.video.i3d import I3D

pytestmark = pytest.mark.parity


def test_black_against_white_is_the_published_value() -> None:
    try:
        network = I3D(frames=30)
    except MissingError as error:
        pytest.skip(str(error))
    # JunyaoHu/common_metrics_on_video_quality @5f75173, README: 8 videos of 30 frames, all zeros against all ones,
    # 151.2565, a point more or less with the version of torch (151.39244 by TensorFlow).
    sides = [np.tile(network.embed(np.full((1, 30, 224, 224, 3), grey, np.uint8)), (8, 1)) for grey in (0, 255)]
    assert distance(*sides) == pytest.approx(151.2565, abs=1)
    assert paper_distance(*sides) == pytest.approx(151.2565, abs=1)
