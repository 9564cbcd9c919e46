"""One side of a running dialogue, without the network: what it heard and said, what it draws, what is still to play."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.omniresponse.config import SamplingSettings
from baselines.omniresponse.network.model import OmniResponse
from baselines.omniresponse.network.segment import Segment, build_segment, own_delay
from baselines.omniresponse.session.past import Past
from baselines.omniresponse.text.chrono import ChronoReader, SpeakerMarkup
from baselines.omniresponse.text.layout import HeardWord, segment_start, static_prefix, turns_before
from baselines.omniresponse.text.sampling import ChronoGrammar, CodeSampler, Grammar, TextSampler
from baselines.omniresponse.text.timestamps import TimestampedWords
from baselines.omniresponse.text.tokens import ChronoTokenizer
from baselines.omniresponse.text.wordform import WordFormReader
from baselines.shared.faces import playable
from baselines.shared.sampling import Logits, dialogue_generator
from baselines.shared.schedule import TokenSchedule
from omnibench.errors import InputError
from omnibench.media.face import EYE_COLUMNS, FACE_DIM
from omnibench.types import Audio, DialogueContext, Face, SpeakerFrame, Word, samples_before

if TYPE_CHECKING:
    from baselines.shared.codec.base import Codec


class DialogueSide:
    """The listener of one dialogue.

    Args:
        model: its settings and statistics are read.
        tokenizer: of the model.
        codec: its rates are read.
        context: of the dialogue.
        voiceprint: ``(d,)``.
        silence: the codec's token of silence.

    Raises:
        InputError: a frame rate or audio rate that the codec cannot serve.
    """

    def __init__(
        self,
        model: OmniResponse,
        tokenizer: ChronoTokenizer,
        codec: Codec,
        context: DialogueContext,
        voiceprint: Tensor,
        silence: int,
    ) -> None:
        if context.sample_rate != codec.sample_rate:
            raise InputError(
                f"OmniResponse was opened at {context.sample_rate} audio samples a second, but its codec speaks at "
                f"{codec.sample_rate}. Convert the data set's audio to {codec.sample_rate} Hz."
            )
        self.context, self.voiceprint, self._settings = context, voiceprint, model.settings
        self.schedule = TokenSchedule(context.fps, codec.token_rate)
        self.delay = own_delay(self._settings.vision.own_delay, context.fps)

        self._tokenizer = tokenizer
        self._speaker = SpeakerMarkup(tokenizer, self._settings.text.activity_dbfs)
        self._reader = ChronoReader(context.fps, tokenizer)
        self._forms = WordFormReader(tokenizer)
        grammar: Grammar = ChronoGrammar(tokenizer)
        if model.timestamps is not None:
            seconds = model.articulation.seconds.cpu().numpy()
            grammar = TimestampedWords(tokenizer, seconds, context.fps, model.timestamps.bins)
        chance = [dialogue_generator(context.seed, context.dialogue, purpose) for purpose in ("text", "voice")]
        sampling = self._settings.sampling
        self._text_sampler = TextSampler(sampling, grammar, tokenizer.starts_word, chance[0])
        self._code_sampler = CodeSampler(sampling, model.voice.levels.cpu().numpy(), chance[1])

        follow = self._settings.text.follow_instruction and context.instruction
        self._prompt = context.instruction if follow else self._settings.text.prompt
        self.past = Past(self._settings.text.history_tokens)
        initial = model.scale.mean.cpu().numpy() if context.initial_face is None else context.initial_face
        self.past.rest = playable(np.asarray(initial, dtype=np.float32))
        self._kept = _kept_of_strayed(sampling, float(context.fps))
        self.past.listener.append(self.past.rest)
        self.past.forms.append((tokenizer.pause, *self._forms.push(tokenizer.pause)))
        self.past.codes.extend([silence] * self.schedule.tokens_before(1))
        self._sound = np.zeros(0, dtype=np.float32)
        self._played = 0

    @property
    def longest_prefix(self) -> int:
        """Tokens: the prompt stays and the history has a budget, so no later prefix is longer."""
        return len(static_prefix(self._prompt, (), 0, self._tokenizer)) + self._settings.text.history_tokens

    def hear(self, frame: SpeakerFrame) -> int:
        """The frame's token of the speaker; a word that it starts is remembered."""
        heard, word = self._speaker.push(frame.words, frame.audio)
        if word:
            self.past.words.append(HeardWord(frame.index, frame.index, "speaker", word))
        return heard

    def segment(self, step: int) -> Segment:
        """The segment in which ``step`` falls, up to the step; what no later segment can contain is forgotten."""
        window = self._settings.window
        start = segment_start(step, window.frames, window.hop)
        if step:
            self.past.forget(start, self.schedule.tokens_before(start + 1) - 1)
        turns = (*self.context.history, *turns_before(self.past.words, start, step))
        prefix = static_prefix(self._prompt, turns, self._settings.text.history_tokens, self._tokenizer)
        track = self.past.track(self.context.fps)
        return build_segment(track, start, step, self.schedule, prefix, self.voiceprint, self.delay)

    def choose_text(self, logits: Logits, index: int) -> tuple[Word, ...]:
        """Draw the token of frame ``index + 1`` from ``(vocabulary,)``; returns the words that it shows to be over."""
        token = self._text_sampler.draw(logits, self.past.forms[-1][0])
        self.past.forms.append((token, *self._forms.push(token)))
        finished = self._reader.push(token, index + 1)
        for word in finished:
            start = round(word.start * self.context.fps)
            self.past.words.append(HeardWord(start, index + 1, "listener", word.text))
        return finished

    def choose_code(self, logits: Logits) -> int:
        """Draw the next audio token from ``(codes,)``."""
        code = self._code_sampler.draw(logits)
        self.past.codes.append(code)
        return code

    def hear_itself(self, sound: NDArray[np.float32]) -> None:
        """Take decoded samples ``(n,)``."""
        self._sound = np.concatenate([self._sound, sound])

    def take_sound(self, frame: int) -> Audio:
        """Cut the samples of ``frame`` off the front; what is left is less than one audio token."""
        until = samples_before(frame + 1, self.context.fps, self.context.sample_rate)
        count = until - self._played
        taken, self._sound = self._sound[:count], self._sound[count:]
        self._played = until
        return np.ascontiguousarray(taken)

    def show(self, scores: Tensor) -> Face:
        """The face of the next frame from coefficients ``(64,)``, led back to the face at rest by the settings."""
        rest = self.past.rest
        strayed: Face = scores.numpy() - rest
        face = playable(rest + (self._kept * strayed).astype(np.float32))
        self.past.listener.append(face)
        return face


def _kept_of_strayed(sampling: SamplingSettings, fps: float) -> Face:
    """``(64,)``: the share of each coefficient's distance to the face at rest that is left a frame later."""
    seconds = np.full(FACE_DIM, sampling.face_return)
    seconds[list(EYE_COLUMNS)] = sampling.eyes_return
    with np.errstate(divide="ignore"):
        return np.where(seconds > 0, np.exp(-1 / (seconds * fps)), 1.0).astype(np.float32)


def silence_of(codec: Codec) -> int:
    """The codec's token of silence; where it has none, the one that it hears in the middle of silence."""
    if codec.silence_token is not None:
        return codec.silence_token
    quiet = codec.encode(torch.zeros(codec.sample_rate // 2))
    return int(quiet[len(quiet) // 2])
