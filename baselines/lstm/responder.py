"""The LSTM baseline as a ``Responder``: one step of the network per frame, sound from the codec."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from baselines.lstm.config import RUN_TIME, Settings
from baselines.lstm.network import ListenerLstm, State
from baselines.shared.checkpoints import Provenance, described, fill, load_checkpoint
from baselines.shared.codec.trained import TrainedCodec
from baselines.shared.faces import playable
from baselines.shared.own_words import OwnWords, require_recogniser
from baselines.shared.speech_features import SpeechFeatures
from baselines.shared.voice import SpeakingVoice, chosen_codec, require_codec, token_places
from omnibench.responder import ModelCard
from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame


class LstmResponder:
    """Opens sessions of one network."""

    def __init__(
        self, card: ModelCard, network: ListenerLstm, codec: TrainedCodec, settings: Settings, origin: Provenance
    ) -> None:
        count = sum(p.numel() for part in (network, codec.codec.network) for p in part.parameters())
        outputs = card.outputs if settings.text.recognise else ("face", "audio")
        self.card = replace(described(card, count, origin), outputs=outputs)
        self.network, self.codec, self.settings = network.eval().requires_grad_(False), codec, settings

    def open(self, context: DialogueContext) -> LstmSession:
        """Start a dialogue in the voice of the reference. Raises InputError for a rate that the codec cannot serve."""
        return LstmSession(self.network, self.codec, self.settings, context)


class LstmSession:
    """The listener's side of one dialogue; a step is constant work, but for the recognition of what was said."""

    def __init__(
        self, network: ListenerLstm, codec: TrainedCodec, settings: Settings, context: DialogueContext
    ) -> None:
        self._network = network
        self._features = SpeechFeatures(context.sample_rate)
        self._voice = SpeakingVoice(codec, context, settings.sampling)
        self._text = OwnWords(context.fps) if settings.text.recognise else None
        face = context.initial_face
        first = network.scale.mean if face is None else torch.from_numpy(np.asarray(face, np.float32))
        self._first = first[None]
        self._state: State = None

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        """Face and sound of the next frame, and the words of what was said before."""
        network, then = self._network, frame.index + 1
        speech = torch.from_numpy(self._features.push(frame.audio))[None, None]
        face = torch.from_numpy(np.asarray(frame.face, np.float32))[None, None]
        tokens = np.array(self._voice.tokens_of(then), dtype=np.int64)
        place = torch.from_numpy(token_places(self._voice.schedule, tokens, np.full(len(tokens), then)))
        with torch.inference_mode():
            words = network.read([frame.words])[None]
            hidden, scores, self._state = network(face, speech, words, self._first, self._state)
            answer = playable(network.scale.restore(scores[0, 0]).numpy())
            logits = network.sounds(hidden[0].expand(len(tokens), -1), place).numpy()
            audio = self._voice.speak([self._voice.draw(row) for row in logits], then)
        said = () if self._text is None else self._text.push(then, audio)
        return ListenerFrame(face=answer, audio=audio, words=said)

    def close(self) -> None:
        """Nothing is held beyond this object's own memory."""


def load_responder(card: ModelCard, path: Path, changes: Mapping[str, object]) -> LstmResponder:
    """The responder of a checkpoint; errors as those of the entry's ``build``."""
    stored = load_checkpoint(path, card.name, Settings(), changes, RUN_TIME)
    settings = stored.settings
    if settings.text.recognise:
        require_recogniser(card.name)
    codec = chosen_codec(settings.voice)
    require_codec(codec, stored.notes.get("codec", ""), path, card.name)
    network = ListenerLstm(settings.network, codec.codec.vocabulary)
    fill(network, stored.tensors, path, card.name)
    return LstmResponder(card, network, codec, settings, stored.provenance)
