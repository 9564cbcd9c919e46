"""UTMOSv2's silence filter eats quiet speech, and the official script loses the file.

Since version 1.2.0 the package can remove runs of more than 4800 samples below +0.1 before it rates a recording. (Its
``predict`` means to, and takes the option back too early; whoever sets it in the configuration gets it.) The comparison
is signed and absolute: a voice below a tenth of full scale, or the negative half of a slow wave, counts as silence. A
tone of amplitude 0.05 becomes no samples at all, the tiling divides by zero, and the evaluation script catches that and
averages over the remaining files. A quiet model was rated on its loud answers alone.
"""

from __future__ import annotations

import numpy as np
import pytest

from omnibench.errors import MetricError
from omnibench.features.sound import whole
from omnibench.metrics.sound.utmosv2_inputs import draw, drop_quiet
from omnibench.metrics.sound.voice_active import RATE, VoiceActive

QUIET = (0.05 * np.sin(np.arange(2 * RATE) * 0.3)).astype(np.float32)


def test_the_papers_filter_leaves_nothing_of_a_quiet_voice() -> None:
    assert drop_quiet(QUIET).size == 0
    with pytest.raises(MetricError, match="ZeroDivisionError in the official script, which drops the file"):
        draw(drop_quiet(QUIET), np.random.RandomState(0))


def test_the_filter_takes_a_negative_offset_for_silence() -> None:
    assert drop_quiet(np.full(RATE, -0.9, np.float32)).size == 0
    assert drop_quiet(np.full(RATE, 0.9, np.float32)).size == RATE


def test_voice_activity_keeps_the_quiet_voice_and_drops_the_silence() -> None:
    silence = np.zeros(2 * RATE, np.float32)
    heard = VoiceActive(whole(np.concatenate([silence, QUIET, silence]), RATE))[:]
    assert len(heard) / RATE == pytest.approx(2.2, abs=0.05)
