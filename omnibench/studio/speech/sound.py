"""The sound of a planned line: Kokoro's decoder half, cut out of its ONNX graph.

The decoder (an iSTFTNet with a source of harmonics, Kaneko et al., 2022) is given durations, pitch and energy of a
:class:`Prosody`, so that its sound has exactly the planned length whatever processor it runs on. It rounds activations
to 8 bits by float32 sums: the samples themselves are the same on one kind of processor only.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.files.atomic import atomic_path
from omnibench.studio.kokoro import SHA256, one_thread, pcm
from omnibench.studio.speech.convolutions import as_products, products_are_exact
from omnibench.studio.speech.prosody import Prosody
from omnibench.studio.speech.weights import graph

VERSION: Final = "planned-1"
"""Part of the cache's key: changes with anything that changes the sound of a line."""
_FEATURES: Final = "/encoder/MatMul_1_output_0"
_PITCH: Final = "/encoder/Reshape_output_0"
_ENERGY: Final = "/encoder/Reshape_1_output_0"


def sound(prosody: Prosody, row: NDArray[np.float32], phonemes: str, cache: Path | None = None) -> NDArray[np.int16]:
    """The sound of a line, ``(600 * F,)`` at 24 kHz.

    Args:
        prosody: the plan.
        row: ``(256,)``, the voice's style that it was planned with.
        phonemes: the line's symbols: they, ``row`` and the plan name the file in the cache.
        cache: a folder that keeps sounds; None keeps nothing.

    Raises:
        MissingError: a package of the extra ``[studio]`` is not installed.
    """
    planned = b"".join(array.tobytes() for array in (row, prosody.frames, prosody.pitch, prosody.energy))
    key = hashlib.sha256(f"{SHA256}|{VERSION}|{phonemes}|".encode() + planned).hexdigest()
    kept = cache / f"{key[:32]}.npy" if cache else None
    if kept is not None and kept.exists():
        spoken: NDArray[np.int16] = np.load(kept, allow_pickle=False)
        return spoken
    audio = _decode(prosody, row)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(kept) as draft, draft.open("wb") as handle:
            np.save(handle, audio)
    return audio


def _decode(prosody: Prosody, row: NDArray[np.float32]) -> NDArray[np.int16]:
    given = {
        "style": row[None],
        _FEATURES: prosody.features[None],
        _PITCH: prosody.pitch[None],
        _ENERGY: prosody.energy[None],
    }
    return pcm(_session(products_are_exact()).run(None, given)[0])


@cache
def _session(fast: bool) -> Any:
    """Kept for the life of the process: cutting the graph takes a second or two."""
    from onnx.utils import Extractor

    decoder = Extractor(graph()).extract_model(["style", _FEATURES, _PITCH, _ENERGY], ["audio"])
    if fast:
        decoder = as_products(decoder)
    return one_thread(decoder.SerializeToString())
