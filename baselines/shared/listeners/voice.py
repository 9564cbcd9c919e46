"""How a listener without words of its own speaks: audio tokens drawn frame by frame, and OmniResponse's codec."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from baselines.shared.codec.trained import SHIPPED, TrainedCodec, load_codec
from baselines.shared.listeners.settings import SamplingSettings, VoiceSettings
from baselines.shared.sampling import dialogue_generator, draw
from baselines.shared.schedule import TokenSchedule
from omnibench.errors import InputError
from omnibench.types import Audio, DialogueContext, samples_before


def chosen_codec(settings: VoiceSettings) -> TrainedCodec:
    """The codec of the settings; errors as those of ``load_codec``."""
    return load_codec(Path(settings.codec) if settings.codec else SHIPPED)


class SpeakingVoice:
    """The sound of one dialogue. Frame 0 is silent; every later frame has its samples in time.

    Args:
        trained: the codec.
        context: its voice reference gives the voice, else the mean voice of the codec's training split.
        sampling: of the tokens.

    Raises:
        InputError: a frame rate or audio rate that the codec cannot serve.
    """

    def __init__(self, trained: TrainedCodec, context: DialogueContext, sampling: SamplingSettings) -> None:
        codec = trained.codec
        if context.sample_rate != codec.sample_rate:
            raise InputError(
                f"The dialogue has {context.sample_rate} audio samples a second, but the codec speaks at "
                f"{codec.sample_rate}. Convert the data set's audio to {codec.sample_rate} Hz."
            )
        self.schedule = TokenSchedule(context.fps, codec.token_rate)
        self._context, self._sampling = context, sampling
        self._chance = dialogue_generator(context.seed, context.dialogue, "voice")
        voiceprint = trained.voiceprint
        if context.voice_reference is not None:
            voiceprint = codec.voiceprint(torch.from_numpy(context.voice_reference))
        self._stream = codec.open(voiceprint)
        self._silence = codec.silence_token
        first = torch.full((self.schedule.tokens_before(1),), self._silence)
        self._sound: Audio = self._stream.push(first).numpy()
        self._played = 0
        self._take(0)

    def tokens_of(self, frame: int) -> range:
        """Which audio tokens a frame brings."""
        return range(self.schedule.tokens_before(frame), self.schedule.tokens_before(frame + 1))

    def draw(self, logits: NDArray[np.floating]) -> int:
        """One token of ``(codes,)`` logits: first whether it is silence, from the whole distribution, then which sound.

        A nucleus over all at once would never speak: silence alone is likelier than ``top_p`` almost everywhere.
        """
        settings, values = self._sampling, logits.astype(np.float64)
        values[self._silence] += settings.silence_bias
        weights = np.exp(values - values.max())
        silent = self._chance.random() * weights.sum() < weights[self._silence]
        values[self._silence] = -np.inf
        sound = draw(values, settings.temperature, settings.top_p, self._chance)
        return self._silence if silent else sound

    def speak(self, codes: Sequence[int], frame: int) -> Audio:
        """The samples of ``frame``, whose audio tokens are ``codes``."""
        if codes:
            self._sound = np.concatenate([self._sound, self._stream.push(torch.tensor(codes)).numpy()])
        return self._take(frame)

    def _take(self, frame: int) -> Audio:
        """Cut the samples of ``frame`` off the front; what is left is less than one audio token."""
        until = samples_before(frame + 1, self._context.fps, self._context.sample_rate)
        taken, self._sound = np.split(self._sound, [until - self._played])
        self._played = until
        return np.ascontiguousarray(taken, dtype=np.float32)


def token_places(schedule: TokenSchedule, index: NDArray[np.int64], frame: NDArray[np.int64]) -> NDArray[np.float32]:
    """Where in its frame each token begins, as a share of the frame."""
    per_frame = float(schedule.token_rate / schedule.fps)
    return ((index - frame * per_frame) / per_frame).astype(np.float32)


def require_codec(trained: TrainedCodec, key: str, path: Path, model: str) -> None:
    """Raises InputError where a checkpoint was trained with another codec than this one."""
    if key != trained.key:
        raise InputError(
            f"{path}: trained with the audio tokens of another codec ({key}, here {trained.key}). Give the "
            f"OmniResponse checkpoint that it was trained with: `--set voice.codec=FILE`, or train again: "
            f"`omnibench train {model} --data mini`."
        )
