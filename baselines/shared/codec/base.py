"""What OmniResponse asks of a speech codec, so that BiCodec and the small one here are interchangeable."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from torch import Tensor


class CodecStream(Protocol):
    """A decoder in the middle of an utterance."""

    def push(self, tokens: Tensor) -> Tensor:
        """The samples of (k,) int64 tokens: (k * sample_rate / token_rate,) float32, from left context only."""
        ...


class RowsStream(Protocol):
    """Decoders of several utterances, in lock-step."""

    def push(self, tokens: Tensor, active: NDArray[np.bool_]) -> Tensor:
        """The samples of k tokens each: (rows, k * sample_rate / token_rate) float32 of (rows, k) int64 tokens.

        Rows that are not ``active`` (rows,) stay where they are in their utterance; what they return means nothing.
        """
        ...


@runtime_checkable
class BatchCodec(Protocol):
    """A codec that decodes several utterances faster together than one after the other."""

    def open_rows(self, voiceprints: Tensor) -> RowsStream:
        """Start decoding in the voices (rows, voiceprint_dim)."""
        ...


class Codec(Protocol):
    """Speech as one index per 1 / token_rate seconds plus a voiceprint that does not change over time."""

    @property
    def name(self) -> str:
        """What the manifest calls it."""
        ...

    @property
    def sample_rate(self) -> int:
        """Samples a second, of what is encoded and of what is decoded."""
        ...

    @property
    def token_rate(self) -> int:
        """Indices a second."""
        ...

    @property
    def vocabulary(self) -> int:
        """Indices are below this."""
        ...

    @property
    def lookahead_tokens(self) -> int:
        """Tokens that decoding waits for beyond the present one; 0 is causal."""
        ...

    @property
    def silence_token(self) -> int | None:
        """The index that decodes to silence, where the codec has one."""
        ...

    @property
    def voiceprint_dim(self) -> int:
        """Width of a voiceprint."""
        ...

    def voiceprint(self, audio: Tensor) -> Tensor:
        """(voiceprint_dim,) float32 from (n,) float32 samples of a few seconds of one voice; silence is skipped."""
        ...

    def encode(self, audio: Tensor, voiceprint: Tensor | None = None) -> Tensor:
        """(ceil(n * token_rate / sample_rate),) int64 of (n,) float32 samples; ``voiceprint`` defaults to their own."""
        ...

    def open(self, voiceprint: Tensor) -> CodecStream:
        """Start decoding in a voice."""
        ...

    def decode(self, tokens: Tensor, voiceprint: Tensor) -> Tensor:
        """All samples of (k,) tokens at once; equal to a stream's."""
        ...
