"""The codec that a configuration names."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor

from baselines.shared.codec.bicodec.codec import WEIGHTS, published_bicodec
from baselines.shared.codec.bicodec.stream import Chunking
from baselines.shared.codec.settings import CodecSettings
from baselines.shared.codec.source_filter import SourceFilterCodec
from omnibench.assets.finding import digest

if TYPE_CHECKING:
    from baselines.shared.codec.base import Codec

SILENCE: Final = "silence"


def codec_of(settings: CodecSettings, state: Mapping[str, Tensor]) -> Codec:
    """The codec, with the state that training left: all weights of the small one, of BiCodec the token of silence.

    Raises:
        MissingError: BiCodec's weights are not on this machine.
        InputError: a state that is not the codec's.
    """
    if settings.kind == "bicodec":
        silence = int(state[SILENCE]) if SILENCE in state else None
        return published_bicodec(Chunking(settings.chunk_tokens, settings.lookahead_tokens), silence)
    return SourceFilterCodec.from_state(state, settings)


def bicodec_state(settings: CodecSettings) -> dict[str, Tensor]:
    """What a checkpoint keeps of BiCodec: which token silence is, so that answering needs no wav2vec2.

    Raises:
        MissingError: BiCodec's weights or those of its wav2vec2 are not on this machine.
    """
    codec = codec_of(settings, {})
    tokens = codec.encode(torch.zeros(codec.sample_rate // 2))
    return {SILENCE: tokens[len(tokens) // 2]}


def codec_key(settings: CodecSettings, state: Mapping[str, Tensor]) -> str:
    """16 hex digits of the weights: audio tokens of another codec mean nothing to this one."""
    found = hashlib.sha256(digest(WEIGHTS).encode() if settings.kind == "bicodec" else b"")
    for name in sorted(state):
        found.update(name.encode() + state[name].numpy().tobytes())
    return found.hexdigest()[:16]
