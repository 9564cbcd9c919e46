"""Sound at 24 kHz was read as if it were 16 kHz: everything was slow, low and late.

Speech models answer at 16, 22.05, 24 or 48 kHz. What a metric takes in seconds must not depend on the file's rate.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import resample_poly

from omnibench.datasets.opening import open_dataset
from omnibench.features.activity import speech_spans
from omnibench.media.audio import read_audio, write_wav
from omnibench.scoring.measuring import score_predictions

RATES = {8_000: (1, 2), 24_000: (3, 2), 48_000: (3, 1)}


@pytest.mark.parametrize("rate", sorted(RATES))
def test_lip_lag_and_speech_are_in_seconds_at_any_rate(synthetic: Path, tmp_path: Path, rate: int) -> None:
    shutil.copytree(synthetic / "test" / "vector" / "listener", tmp_path / "vector")
    up, down = RATES[rate]
    for path in (synthetic / "test" / "audio" / "listener").glob("*.wav"):
        original = read_audio(path)
        sound = np.clip(resample_poly(original, up, down), -1, 1)
        write_wav(tmp_path / "audio" / path.name, sound, rate)
        spans, expected = speech_spans(sound, rate), speech_spans(original, 16_000)
        np.testing.assert_allclose(np.ravel(spans), np.ravel(expected), atol=0.03)
    data = open_dataset(str(synthetic))
    value = score_predictions(tmp_path, data, "test", "strict", ["lip_lag"], write=False).metrics["lip_lag"].value
    shutil.rmtree(tmp_path / "audio")
    shutil.copytree(synthetic / "test" / "audio" / "listener", tmp_path / "audio")
    own = score_predictions(tmp_path, data, "test", "strict", ["lip_lag"], write=False).metrics["lip_lag"].value
    assert value == pytest.approx(own, abs=15)
