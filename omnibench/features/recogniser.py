"""Words from speech: Moonshine tiny-en (Jeffries et al. 2024), run by onnxruntime from the files of a PyPI package.

Optional: the extra ``recogniser``. The package's own library is never loaded; only its three data files are read, their
hashes checked. Greedy decoding on one thread, so the same samples give the same text on one machine.

Licence of the English model: MIT.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import InputError, MissingError
from omnibench.features.activity import Span, speech_spans

RATE: Final = 16_000
NAME: Final = "moonshine-tiny-en@94e90a46"
INSTALL: Final = 'pip install "omnibench[recogniser]"'
FILES: Final[dict[str, str]] = {
    "encoder_model.ort": "94e90a4654fc45cdfedb77c4c08e1739f48862998e58fada384b25118134f221",
    "decoder_model_merged.ort": "cf524c4862d36e9e5ab032eddc73637efd822d70e868ac575cf1a46e1e4708a0",
    "tokenizer.bin": "6884b35fd6377d4c4d32336a0bc152f36b64d1e45b6503683cdc238250a8472d",
}
TOKENS_PER_SECOND: Final = 6.5
"""The model's own limit, against endless repetition on noise."""

LONGEST_PIECE: Final = 20.0
GAP: Final = 0.5
"""Silences are shortened to this before recognition: a track is mostly silence, in which such a model makes words
up."""

_START, _END = 1, 2


def transcribe(samples: NDArray[np.float32]) -> str:
    """The words in a track of one person.

    Args:
        samples: ``(n,)`` float32 in [-1, 1] at 16 kHz.

    Returns:
        The text, with the model's punctuation; ``""`` where nothing is loud enough to be speech.

    Raises:
        MissingError: the package or onnxruntime is not installed.
        InputError: a model file is not the pinned one.
    """
    samples = np.asarray(samples, dtype=np.float32)
    spans = speech_spans(samples, RATE)
    return " ".join(filter(None, (load_recogniser().recognise(piece) for piece in pieces(samples, spans))))


def pieces(samples: NDArray[np.float32], spans: tuple[Span, ...]) -> Iterator[NDArray[np.float32]]:
    """The speech of a track ``(n,)`` at 16 kHz, which lies in ``spans``, with its silences shortened, in pieces of at
    most `LONGEST_PIECE` seconds where pauses allow it.
    """
    silence = np.zeros(round(GAP / 2 * RATE), dtype=np.float32)
    piece: list[NDArray[np.float32]] = []
    length = 0.0
    for start, end in _cut(spans):
        if piece and length + end - start > LONGEST_PIECE:
            yield np.concatenate(piece)
            piece, length = [], 0.0
        piece += [silence, samples[round(start * RATE) : round(end * RATE)], silence]
        length += end - start + GAP
    if piece:
        yield np.concatenate(piece)


def _cut(spans: tuple[Span, ...]) -> Iterator[Span]:
    """Stretches of speech, those longer than a piece cut into equal parts."""
    for start, end in spans:
        parts = int(np.ceil((end - start) / LONGEST_PIECE))
        edges = np.linspace(start, end, parts + 1).tolist()
        yield from (Span(a, b) for a, b in pairwise(edges))


class Recogniser:
    """The two graphs and the vocabulary. Construction reads 44 MB."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        content = {name: read_pinned(folder / name, digest) for name, digest in FILES.items()}
        self._encoder = onnxruntime.InferenceSession(content["encoder_model.ort"], options)
        self._decoder = onnxruntime.InferenceSession(content["decoder_model_merged.ort"], options)
        self._vocabulary = read_vocabulary(content["tokenizer.bin"])
        self._caches = [i.name for i in self._decoder.get_inputs() if i.name.startswith("past_key_values")]
        self._outputs = [o.name for o in self._decoder.get_outputs()]

    def recognise(self, samples: NDArray[np.float32]) -> str:
        """The text of one piece ``(n,)``, at least 0.1 s and best below 30 s long."""
        audio = samples[None, :]
        # Both graphs take the mask at the rate of the samples; the decoder thins it out itself.
        mask = np.ones(audio.shape, np.int64)
        (hidden,) = self._encoder.run(None, {"input_values": audio, "attention_mask": mask})
        fixed = {"encoder_hidden_states": hidden, "encoder_attention_mask": mask}
        past: dict[str, Any] = {name: np.zeros((1, 8, 0, 36), np.float32) for name in self._caches}
        tokens = [_START]
        for step in range(int(np.ceil(len(samples) / RATE * TOKENS_PER_SECOND))):
            feeds = {**fixed, **past, "input_ids": np.array([tokens[-1:]]), "use_cache_branch": np.array([step > 0])}
            outputs = dict(zip(self._outputs, self._decoder.run(None, feeds), strict=True))
            tokens.append(int(outputs["logits"][0, -1].argmax()))
            if tokens[-1] == _END:
                break
            for name in self._caches:
                # The encoder's keys and values come once, with the first step; later steps return empty ones.
                if step == 0 or ".decoder." in name:
                    past[name] = outputs[name.replace("past_key_values", "present")]
        return self._text(tokens)

    def _text(self, tokens: list[int]) -> str:
        joined = b"".join(self._vocabulary[token] for token in tokens if token > _END)
        return joined.decode("utf-8", errors="replace").replace("▁", " ").strip()


def read_vocabulary(content: bytes) -> list[bytes]:
    """Token bytes by id: each entry is a length (one byte below 128, else two: ``second * 128 + first - 128``) and its
    bytes.

    Source: ``BinTokenizer`` of moonshine-ai/moonshine.

    Example:
        >>> read_vocabulary(b"\\x02hi\\x00")
        [b'hi', b'']
    """
    tokens: list[bytes] = []
    at = 0
    while at < len(content):
        length = content[at]
        at += 1
        if length >= 128:
            length = content[at] * 128 + length - 128
            at += 1
        tokens.append(content[at : at + length])
        at += length
    return tokens


@cache
def load_recogniser() -> Recogniser:
    return Recogniser(_folder())


def _folder() -> Path:
    package = importlib.util.find_spec("moonshine_voice")
    if package is None or not package.submodule_search_locations or importlib.util.find_spec("onnxruntime") is None:
        raise MissingError(f"The speech recogniser is not installed. Get it with: {INSTALL}")
    return Path(next(iter(package.submodule_search_locations))) / "assets" / "tiny-en"


def read_pinned(path: Path, digest: str) -> bytes:
    """The file's bytes. Raises MissingError or InputError where it is not there or another one."""
    if not path.is_file():
        raise MissingError(f"{path}: not in this version of moonshine-voice. Get the one that has it with: {INSTALL}")
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != digest:
        raise InputError(f"{path}: sha256 {found}, expected {digest}. Install the pinned version with: {INSTALL}")
    return content
