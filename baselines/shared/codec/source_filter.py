"""The small codec of the embedded data set: FSQ tokens for a causal source-filter vocoder, 16 kHz, 50 tokens/s."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.shared.codec.envelope import BANDS
from baselines.shared.codec.features import (
    FRAMES_PER_TOKEN,
    TOKEN_SAMPLES,
    VOICEPRINT_WIDTH,
    analyse,
    normalise,
    silent_tokens,
    voiceprint_of,
)
from baselines.shared.codec.network import SILENCE, CodecNetwork
from baselines.shared.codec.pitch import SAMPLE_RATE
from baselines.shared.codec.settings import CodecSettings
from baselines.shared.codec.vocoder import Frames, Vocoder
from omnibench.errors import InputError

_LOWEST_LOG_F0: Final = float(np.log(50.0))
_HIGHEST_LOG_F0: Final = float(np.log(500.0))


class SourceFilterCodec:
    """`Codec` around a trained `CodecNetwork`."""

    name = "source-filter-1"
    sample_rate = SAMPLE_RATE
    token_rate = SAMPLE_RATE // TOKEN_SAMPLES
    lookahead_tokens = 0
    silence_token = SILENCE
    voiceprint_dim = VOICEPRINT_WIDTH

    def __init__(self, network: CodecNetwork) -> None:
        self.network = network.eval().requires_grad_(False)

    @classmethod
    def from_state(cls, state: Mapping[str, Tensor], settings: CodecSettings) -> SourceFilterCodec:
        """The codec of a state dict that `train_codec` gave, float16 or float32.

        Raises:
            InputError: tensors that do not fit the settings.
        """
        network = build_network(settings)
        try:
            network.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in state.items()})
        except RuntimeError as error:
            raise InputError(
                f"The codec's weights do not fit its settings ({error}). Train them again: "
                "`omnibench train omniresponse`."
            ) from error
        return cls(network)

    @property
    def vocabulary(self) -> int:
        """Number of indices; index 0 is silence."""
        return self.network.quantiser.vocabulary

    def voiceprint(self, audio: Tensor) -> Tensor:
        """(voiceprint_dim,) float32 of (n,) samples."""
        return torch.from_numpy(voiceprint_of(analyse(_samples(audio))))

    @torch.inference_mode()
    def encode(self, audio: Tensor, voiceprint: Tensor | None = None) -> Tensor:
        """(ceil(n / 320),) int64 of (n,) samples; looks ahead, which targets and references may."""
        if len(audio) == 0:
            return torch.zeros(0, dtype=torch.int64)
        analysis = analyse(_samples(audio))
        voice = voiceprint_of(analysis) if voiceprint is None else voiceprint.float().numpy()
        frames = torch.from_numpy(normalise(analysis, voice))[None]
        values = self.network.encoder(frames, self.network.standardised(torch.from_numpy(voice)[None]))
        indices = self.network.quantiser.index(self.network.quantiser(values))[0]
        return torch.where(torch.from_numpy(silent_tokens(analysis)), SILENCE, indices)

    def open(self, voiceprint: Tensor) -> SourceFilterStream:
        """Start decoding in a voice."""
        return SourceFilterStream(self.network, voiceprint)

    def open_rows(self, voiceprints: Tensor) -> SourceFilterRows:
        """Start decoding in the voices (rows, voiceprint_dim), in lock-step."""
        return SourceFilterRows(self.network, voiceprints)

    def decode(self, tokens: Tensor, voiceprint: Tensor) -> Tensor:
        """(k * 320,) float32 samples of (k,) tokens."""
        return self.open(voiceprint).push(tokens)


class SourceFilterRows:
    """Decoding state of several utterances, which go on by as many tokens each."""

    def __init__(self, network: CodecNetwork, voiceprints: Tensor) -> None:
        self._network = network
        self._voiceprints = voiceprints.float()
        self._voices = network.standardised(self._voiceprints)
        memory = network.decoder.memory
        self._memory = torch.zeros(memory.num_layers, len(voiceprints), memory.hidden_size)
        self._vocoder = Vocoder(len(voiceprints))

    @torch.inference_mode()
    def push(self, tokens: Tensor, active: NDArray[np.bool_]) -> Tensor:
        """(rows, k * 320) float32 samples in [-1, 1] of (rows, k) int64 tokens; rows that are not ``active`` stay.

        Raises:
            InputError: an index outside the vocabulary.
        """
        if not 0 <= int(tokens.min()) <= int(tokens.max()) < self._network.quantiser.vocabulary:
            raise InputError(
                f"Codec tokens {int(tokens.min())} to {int(tokens.max())}: expected 0 to "
                f"{self._network.quantiser.vocabulary - 1}. The model and its codec are not of the same checkpoint."
            )
        silent = tokens == SILENCE
        codes = self._network.quantiser.codes(tokens)
        frames, memory = self._network.decoder(codes, silent, self._voices, self._memory)
        self._memory = memory if active.all() else torch.where(torch.from_numpy(active)[:, None], memory, self._memory)
        return self._vocoder.push(_denormalised(frames, self._voiceprints, ~silent), active).clamp(-1.0, 1.0)


class SourceFilterStream:
    """Decoding state. Tokens go through one by one, so that how they are cut into pushes changes no bit."""

    def __init__(self, network: CodecNetwork, voiceprint: Tensor) -> None:
        self._rows, self._active = SourceFilterRows(network, voiceprint[None]), np.ones(1, dtype=bool)

    def push(self, tokens: Tensor) -> Tensor:
        """(k * 320,) float32 samples in [-1, 1] of (k,) int64 tokens.

        Raises:
            InputError: an index outside the vocabulary.
        """
        pieces = [self._rows.push(token.view(1, 1), self._active)[0] for token in tokens]
        return torch.cat(pieces) if pieces else torch.zeros(0)


def build_network(settings: CodecSettings) -> CodecNetwork:
    """The untrained network of the settings."""
    return CodecNetwork(
        settings.levels,
        settings.encoder_width,
        settings.encoder_depth,
        settings.decoder_width,
        settings.decoder_layers,
    )


def _denormalised(frames: Tensor, voiceprints: Tensor, audible: Tensor) -> Frames:
    """Vocoder frames of the decoder's (R, J, FRAME_WIDTH), in the voices (R, VOICEPRINT_WIDTH); ``audible`` says of
    each token (R, k) whether it is not silence.
    """
    voices = voiceprints[:, None]
    log_f0 = voices[..., BANDS] + frames[..., BANDS] * voices[..., BANDS + 1]
    return Frames(
        f0=torch.exp(log_f0.clamp(_LOWEST_LOG_F0, _HIGHEST_LOG_F0)),
        voicing=torch.sigmoid(4 * frames[..., BANDS + 1]),
        envelope=frames[..., :BANDS] + voices[..., :BANDS],
        gain=audible.float().repeat_interleave(FRAMES_PER_TOKEN, dim=1),
    )


def _samples(audio: Tensor) -> NDArray[np.float32]:
    return audio.detach().cpu().float().numpy()
