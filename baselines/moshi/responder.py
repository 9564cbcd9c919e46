"""Moshi as a ``Responder``: the speaker's samples in, steps of 80 ms, its own samples and words out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np

from baselines.moshi.loading import load
from baselines.moshi.monologue import InnerMonologue
from baselines.moshi.resampling import StreamingResampler
from baselines.moshi.schedule import SAMPLE_RATE, STEP_SAMPLES, FrameSound, playing_delay
from baselines.moshi.streams import DialogueStream, Networks
from omnibench.responder import ModelCard, ModelOptions
from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame

Piece = Callable[[int], str | None]


class MoshiResponder:
    """Opens dialogues with one Moshi.

    Args:
        card: of the model.
        networks: on their device.
        piece: text token to its piece, None for padding and control tokens.
    """

    def __init__(self, card: ModelCard, networks: Networks, piece: Piece) -> None:
        parts = (networks.mimi, networks.language_model)
        self.card = replace(card, parameters=sum(p.numel() for part in parts for p in part.parameters()))
        self._networks, self._piece = networks, piece

    def open(self, context: DialogueContext) -> MoshiSession:
        """Start a dialogue in which nothing has been said. Moshi has one voice and takes no instruction."""
        return MoshiSession(DialogueStream(self._networks, context.seed, context.dialogue), self._piece, context)


class MoshiSession:
    """One dialogue; a step of Moshi whenever 80 ms have been heard, however many frames that takes."""

    def __init__(self, stream: DialogueStream, piece: Piece, context: DialogueContext) -> None:
        self._stream, self._piece, self._fps = stream, piece, context.fps
        rate = context.sample_rate
        self._to_moshi, self._from_moshi = StreamingResampler(rate, SAMPLE_RATE), StreamingResampler(SAMPLE_RATE, rate)
        delay = playing_delay(context.fps, rate, self._to_moshi.latency + self._from_moshi.latency)
        self._sound = FrameSound(context.fps, rate, delay)
        self._monologue = InnerMonologue(Fraction(delay, rate))
        self._heard = np.zeros(0, np.float32)

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        """The sound of the next frame, and the words that have been said."""
        self._heard = np.concatenate([self._heard, self._to_moshi.push(frame.audio)])
        while len(self._heard) >= STEP_SAMPLES:
            token, sound = self._stream.step(self._heard[:STEP_SAMPLES])
            self._heard = self._heard[STEP_SAMPLES:]
            self._sound.push(self._from_moshi.push(sound))
            self._monologue.push(self._piece(token))
        audio = np.clip(self._sound.play(frame.index + 1), -1.0, 1.0)
        return ListenerFrame(audio=audio, words=self._monologue.spoken((frame.index + 1) / self._fps))

    def close(self) -> None:
        """Free the dialogue's keys and values."""
        self._stream.close()


def load_responder(card: ModelCard, options: ModelOptions) -> MoshiResponder:
    """The model of the published weights or of ``--checkpoint``; errors as those of the entry's ``build``."""
    networks, tokenizer = load(options)
    model = networks.language_model
    padding = {model.text_padding_token_id, model.end_of_text_padding_id}

    def piece(token: int) -> str | None:
        return None if token in padding or tokenizer.is_control(token) else str(tokenizer.id_to_piece(token))

    return MoshiResponder(card, networks, piece)
