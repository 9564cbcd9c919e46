"""Decoding as tokens arrive.

BiCodec was trained to see whole utterances: its prenet reaches 57 tokens ahead and its wave generator 12. A stream
gives it all of the past that it reaches and ``lookahead`` tokens of future, nothing behind them, a chunk of tokens at
a time; each sample comes out that much later than its token would allow, which is the price of what it saw.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from baselines.shared.codec.bicodec.network import BiCodecNetwork
from baselines.shared.codec.bicodec.sizes import TOKEN_SAMPLES


@dataclass(frozen=True, slots=True)
class Chunking:
    """How a stream is cut.

    Attributes:
        tokens: decoded at a time; the first of them waits for the last.
        lookahead: tokens behind a chunk that it waits for besides.
    """

    tokens: int = 1
    lookahead: int = 0

    def __post_init__(self) -> None:
        if self.tokens < 1 or self.lookahead < 0:
            raise ValueError(f"a chunk of {self.tokens} tokens with {self.lookahead} of look-ahead")

    @property
    def delay(self) -> int:
        """Tokens by which all sound is late."""
        return self.tokens - 1 + self.lookahead


class BiCodecStream:
    """A decoder in the middle of an utterance. How tokens are cut into pushes changes nothing."""

    def __init__(self, network: BiCodecNetwork, voiceprint: Tensor, chunking: Chunking) -> None:
        self._network, self._chunking = network, chunking
        self._voice = voiceprint[None].to(network.device)
        self._context = network.sizes.prenet_reach + network.sizes.wave_reach
        self._tokens = torch.zeros(0, dtype=torch.long)
        self._done = 0  # of ``_tokens``, those that have been decoded and stay as context
        self._ready = torch.zeros(chunking.delay * TOKEN_SAMPLES)

    def push(self, tokens: Tensor) -> Tensor:
        """The next ``k * 320`` samples for ``(k,)`` more tokens, ``Chunking.delay`` tokens late."""
        self._tokens = torch.cat([self._tokens, tokens.cpu()])
        size, lookahead = self._chunking.tokens, self._chunking.lookahead
        found = [self._ready]
        while self._done + size + lookahead <= len(self._tokens):
            found.append(self._decode(size, lookahead))
        ready = torch.cat(found)
        given, self._ready = ready.split([len(tokens) * TOKEN_SAMPLES, len(ready) - len(tokens) * TOKEN_SAMPLES])
        return given

    def _decode(self, size: int, lookahead: int) -> Tensor:
        """The samples of the next chunk; forgets tokens that no later one reaches."""
        end = self._done + size
        window = self._tokens[: end + lookahead].to(self._network.device)[None]
        with torch.inference_mode():
            samples = self._network(window, self._voice, self._done)[0, : size * TOKEN_SAMPLES]
        forget = max(end - self._context, 0)
        self._tokens, self._done = self._tokens[forget:], end - forget
        return samples.cpu()
