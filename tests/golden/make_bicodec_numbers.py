"""Writes ``bicodec.json``: what SparkAudio/Spark-TTS @2f1ea90 makes of weights and inputs that formulas define.

Run in an environment of its own, with this project importable and a checkout of Spark-TTS:

    pip install torch==2.13.0 torchaudio==2.11.0 einops==0.8.2 einx==0.4.3 omegaconf==2.3.0 soxr soundfile tqdm
    python tests/golden/make_bicodec_numbers.py CHECKOUT_OF_SPARK_TTS
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE.parent / "parity"))

from bicodec_factory import SMALL, seeded_features, seeded_state, seeded_voice  # noqa: E402
from spark_tts import reference_network  # noqa: E402

SAMPLE_STEP = 61
BAND_STEP = 7


def main(checkout: Path) -> None:
    network = reference_network(checkout, SMALL)
    network.load_state_dict(seeded_state(network.state_dict()))
    network.eval()
    # Modules of the checkout and torchaudio, whose mel bands are its.
    from sparktts.utils.audio import audio_volume_normalize
    from torchaudio.transforms import MelSpectrogram

    mels = MelSpectrogram(
        16000, 1024, 640, 320, 10, None, n_mels=SMALL.mels, power=1, norm="slaney", mel_scale="slaney"
    )
    levelled = audio_volume_normalize(seeded_voice().astype(np.float64))
    mel = mels(torch.from_numpy(levelled).float()[None])
    with torch.no_grad():
        tokens = network.quantizer.tokenize(network.encoder(seeded_features(SMALL.features).transpose(1, 2)))
        global_tokens = network.speaker_encoder.tokenize(mel.transpose(1, 2))
        voice = network.speaker_encoder.detokenize(global_tokens)
        features = network.prenet(network.quantizer.detokenize(tokens), voice) + voice[..., None]
        samples = network.decoder(features)[0, 0]
    numbers = {
        "source": "SparkAudio/Spark-TTS @2f1ea9082400547242641f5271b6f941c9f439d1",
        "sample_step": SAMPLE_STEP,
        "band_step": BAND_STEP,
        "levelled": _rounded(torch.from_numpy(levelled)[::SAMPLE_STEP]),
        "mel": _rounded(mel[0, ::BAND_STEP, ::BAND_STEP].flatten()),
        "semantic_tokens": tokens[0].tolist(),
        "global_tokens": global_tokens[0, 0].tolist(),
        "voiceprint": _rounded(voice[0]),
        "samples": _rounded(samples[::SAMPLE_STEP]),
    }
    (HERE / "bicodec.json").write_text(json.dumps(numbers) + "\n", encoding="utf-8")


def _rounded(values: torch.Tensor) -> list[float]:
    return [float(f"{value:.7g}") for value in values.tolist()]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
