"""The voice's steps: TempoVoice's, and those of the MLP that stands in for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from baselines.omniresponse.network.articulation import Spelling
from baselines.omniresponse.network.attention import DecoderLayer
from baselines.omniresponse.network.hidden_voice import HiddenVoice
from baselines.omniresponse.network.tempovoice import Letters, TempoVoice, VoiceState
from baselines.omniresponse.session.lockstep.bands import Band, LayerRows, Place, RowKeys, step_layer


@dataclass(frozen=True, slots=True)
class RowCodes:
    """One audio token a dialogue, all ``(rows,)``: fields as of ``Codes``."""

    previous: Tensor
    order: NDArray[np.int64]
    times: Tensor
    ages: Tensor
    positions: Tensor


class VoiceRows(Protocol):
    """The pasts of many dialogues, and the voice that reads them."""

    reach_frames: int
    reach_codes: int

    def load(self, row: int, state: VoiceState) -> None:
        """Take the past of one dialogue from a teacher-forced forward."""

    def remember(self, hidden: Tensor, speech: Tensor, times: Tensor, frame: int, where: slice) -> None:
        """Append one memory entry a row; arguments as of ``TempoVoice.remember``."""

    def spell(self, spelling: Spelling) -> None:
        """Take the words that are being said, a word a row."""

    def step(self, codes: RowCodes, where: slice) -> Tensor:
        """Logits ``(rows, codes)`` of one audio token a row, said within the newest frame."""


def voice_rows(voice: TempoVoice | HiddenVoice, rows: int) -> VoiceRows:
    """The steps that fit a voice."""
    return TempoVoiceRows(voice, rows) if isinstance(voice, TempoVoice) else HiddenVoiceRows(voice)


class TempoVoiceRows:
    """TempoVoice for ``rows`` dialogues."""

    def __init__(self, voice: TempoVoice, rows: int) -> None:
        self._voice = voice
        self._layers = [cast(DecoderLayer, layer) for layer in voice.layers]
        own, memory = self._layers[0].own, self._layers[0].memory
        if memory is None:
            raise ValueError("TempoVoice without a memory")
        self._tokens, self._frames = Band(own), Band(memory, pinned=1)
        self._past = [
            LayerRows(RowKeys.empty(rows, self._tokens, own), RowKeys.empty(rows, self._frames, memory))
            for _ in self._layers
        ]
        self._table = voice.embeddings()
        self._newest: Place = self._frames.place(np.array([0]))
        self._letters: Letters | None = None
        self.reach_codes = self._tokens.length * len(self._layers)
        self.reach_frames = self._frames.length

    def load(self, row: int, state: VoiceState) -> None:
        """As of ``VoiceRows``."""
        for own, layer in zip(self._past, state.layers, strict=True):
            own.own.load(row, layer.own, self._tokens)
            if own.memory is not None:
                own.memory.load(row, layer.memory, self._frames)

    def remember(self, hidden: Tensor, speech: Tensor, times: Tensor, frame: int, where: slice) -> None:
        """As of ``VoiceRows``."""
        entries = self._voice.memory(hidden, speech, times)
        self._newest = self._frames.place(np.array([frame]))
        for layer, past in zip(self._layers, self._past, strict=True):
            memory = past.rows(where).memory
            if memory is not None and layer.memory is not None:
                memory.write(layer.memory.key_value(entries), self._newest)

    def spell(self, spelling: Spelling) -> None:
        """As of ``VoiceRows``."""
        self._letters = self._voice.spelling.read(spelling)

    def step(self, codes: RowCodes, where: slice) -> Tensor:
        """As of ``VoiceRows``."""
        if self._letters is None:
            raise ValueError("an audio token before its word")
        place = self._tokens.place(codes.order)
        x = self._voice.enter(codes.previous, codes.times, codes.ages, codes.positions, self._letters, self._table)
        for layer, past in zip(self._layers, self._past, strict=True):
            x = step_layer(layer, x, past.rows(where), place, self._newest)
        return self._voice.leave(x, self._table)


class HiddenVoiceRows:
    """The MLP over the newest hidden state; it has no past."""

    reach_frames, reach_codes = 1, 1

    def __init__(self, voice: HiddenVoice) -> None:
        self._voice = voice
        self._hidden: Tensor | None = None

    def load(self, row: int, state: VoiceState) -> None:
        """As of ``VoiceRows``."""

    def remember(self, hidden: Tensor, speech: Tensor, times: Tensor, frame: int, where: slice) -> None:
        """As of ``VoiceRows``."""
        self._hidden = hidden

    def spell(self, spelling: Spelling) -> None:
        """As of ``VoiceRows``."""

    def step(self, codes: RowCodes, where: slice) -> Tensor:
        """As of ``VoiceRows``."""
        if self._hidden is None:
            raise ValueError("audio tokens before a hidden state")
        logits: Tensor = self._voice.mlp(self._hidden)
        return logits
