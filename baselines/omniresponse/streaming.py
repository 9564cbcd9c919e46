"""One dialogue, answered frame by frame.

An ordinary step appends three tokens and recomputes nothing. Every ``window.hop`` frames, once the window is full,
the oldest frames leave: their words enter the static history, and the caches are filled anew from what the session
itself saw and said. Which steps hop depends on the frame index alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from baselines.omniresponse.articulation import Spelling
from baselines.omniresponse.chrono import ChronoReader, SpeakerMarkup
from baselines.omniresponse.layout import HeardWord, is_hop, segment_start, static_prefix, turns_before
from baselines.omniresponse.model import OmniResponse, Outputs
from baselines.omniresponse.pacing import average_pacing
from baselines.omniresponse.past import Past
from baselines.omniresponse.sampling import ChronoGrammar, Logits, dialogue_generator, draw, nearest_to_mean
from baselines.omniresponse.schedule import TokenSchedule
from baselines.omniresponse.segment import FrameInputs, build_segment, make_codes, make_speech, own_delay
from baselines.omniresponse.tokens import ChronoTokenizer
from baselines.omniresponse.vision import playable
from baselines.omniresponse.wordform import LETTER_SLOTS, WordFormReader, WordForms
from omnibench.errors import InputError
from omnibench.types import Audio, DialogueContext, ListenerFrame, SpeakerFrame, Word, samples_before

if TYPE_CHECKING:
    from baselines.omniresponse.codec.base import Codec


class StreamingSession:
    """The model's side of one dialogue; a ``Session`` of the online-step interface.

    ``hop_steps`` counts steps that refilled the caches; ``observe`` gets each step's raw logits and scores; ``past``
    may be read.
    """

    def __init__(
        self,
        model: OmniResponse,
        tokenizer: ChronoTokenizer,
        codec: Codec,
        context: DialogueContext,
        voiceprint: Tensor,
    ) -> None:
        if context.sample_rate != codec.sample_rate:
            raise InputError(
                f"OmniResponse was opened at {context.sample_rate} audio samples a second, but its codec speaks at "
                f"{codec.sample_rate}. Convert the data set's audio to {codec.sample_rate} Hz."
            )
        self.model, self._tokenizer, self._codec, self.context = model, tokenizer, codec, context
        self._settings = settings = model.settings
        self.voiceprint = voiceprint
        self._schedule = TokenSchedule(context.fps, codec.token_rate)
        self._pacing = average_pacing(1, context.fps)
        self._delay = own_delay(settings.vision.own_delay, context.fps)
        self.observe: Callable[[Outputs], None] | None = None
        self.hop_steps = 0

        self._speaker = SpeakerMarkup(tokenizer, settings.text.activity_dbfs)
        self._reader = ChronoReader(context.fps, tokenizer)
        self._forms = WordFormReader(tokenizer)
        self._grammar = ChronoGrammar(tokenizer)
        self._text_chance = dialogue_generator(context.seed, context.dialogue, "text")
        self._levels = model.voice.levels.numpy()
        self._voice_chance = dialogue_generator(context.seed, context.dialogue, "voice")

        follow = settings.text.follow_instruction and context.instruction
        self._prompt = context.instruction if follow else settings.text.prompt
        self.past = Past(settings.text.history_tokens)
        self._begin()

    def _begin(self) -> None:
        """Frame 0: the face given, nobody speaking, silence."""
        initial = self.context.initial_face
        face = self.model.scale.mean.numpy() if initial is None else initial
        self.past.rest = playable(np.asarray(face, dtype=np.float32))
        self.past.listener.append(self.past.rest)
        self.past.forms.append((self._tokenizer.pause, *self._forms.push(self._tokenizer.pause)))

        self._stream = self._codec.open(self.voiceprint)
        silence = self._silence()
        count = self._schedule.tokens_before(1)
        self.past.codes.extend([silence] * count)
        self._sound = self._stream.push(torch.full((count,), silence)).numpy()
        self._played = 0
        self._take_sound(0)

        prefix = self._prefix(0, 0)
        # The prompt stays and the history has a budget: no later prefix is longer than this.
        longest = len(static_prefix(self._prompt, (), 0, self._tokenizer)) + self._settings.text.history_tokens
        self._state = self.model.new_state(self.voiceprint, longest)
        with torch.inference_mode():
            self.model.listen(self._no_frames(), self.context.fps, prefix, self._state)

    def _silence(self) -> int:
        if self._codec.silence_token is not None:
            return self._codec.silence_token
        quiet = self._codec.encode(torch.zeros(self._codec.sample_rate // 2))
        return int(quiet[len(quiet) // 2])

    @staticmethod
    def _no_frames() -> FrameInputs:
        none, empty = torch.zeros(0, dtype=torch.long), torch.zeros(0, 64)
        return FrameInputs(0, empty, empty, empty, none, none, torch.zeros(64))

    def _prefix(self, start: int, step: int) -> Tensor:
        turns = (*self.context.history, *turns_before(self.past.words, start, step))
        ids = static_prefix(self._prompt, turns, self._settings.text.history_tokens, self._tokenizer)
        return torch.tensor(ids, dtype=torch.long)

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        """Answer frame ``i`` with face, sound and words for frame ``i + 1``."""
        with torch.inference_mode():
            return self._step(frame)

    def _step(self, frame: SpeakerFrame) -> ListenerFrame:
        index, window = frame.index, self._settings.window
        heard, word = self._speaker.push(frame.words, frame.audio)
        if word:
            self.past.words.append(HeardWord(index, index, "speaker", word))
        if is_hop(index, window.frames, window.hop):
            self._hop(index)
        self.past.speaker.append(np.asarray(frame.face, dtype=np.float32))
        self.past.heard.append(heard)

        start = segment_start(index, window.frames, window.hop)
        inputs = FrameInputs(
            index - start,
            torch.from_numpy(self.past.listener[-1])[None],
            torch.from_numpy(self.past.listener[max(index - start - self._delay, 0)])[None],
            torch.from_numpy(self.past.speaker[-1])[None],
            torch.tensor([self.past.forms[-1][0]]),
            torch.tensor([heard]),
            torch.from_numpy(self.past.rest),
        )
        hidden = self.model.listen(inputs, self.context.fps, None, self._state)
        text = self.model.llm.logits(hidden.text)
        words = self._choose_text(text[0], index)
        forms = self._newest_form()
        speech = make_speech(forms, self._pacing, index, start, self._schedule)
        said, spelling = self.model.articulate(speech)

        scores = self.model.face(hidden, said, inputs, self._state.vision)
        face = playable(self.model.scale.restore(scores)[0].numpy())
        self.past.listener.append(face)
        self.model.remember(hidden, said, speech, index - start, self._state.voice)
        codes = self._choose_codes(index, start, speech.ages.numpy(), spelling)
        audio = self._speak(index)
        self.model.vision.trim(self._state.vision)
        self.model.voice.trim(self._state.voice)
        if self.observe is not None:
            self.observe(Outputs(text, scores, codes))
        return ListenerFrame(face=face, audio=audio, words=words)

    def _choose_text(self, logits: Tensor, index: int) -> tuple[Word, ...]:
        previous = self.past.forms[-1][0]
        token = self._grammar.draw(logits.numpy(), previous, self._settings.sampling, self._text_chance)
        self.past.forms.append((token, *self._forms.push(token)))
        finished = self._reader.push(token, index + 1)
        for word in finished:
            start = round(word.start * self.context.fps)
            self.past.words.append(HeardWord(start, index + 1, "listener", word.text))
        return finished

    def _newest_form(self) -> WordForms:
        token, head, spelled, age = self.past.forms[-1]
        letters = np.zeros((1, LETTER_SLOTS), dtype=np.int64)
        letters[0, : len(spelled)] = spelled
        return WordForms(np.array([token]), np.array([head]), letters, np.array([age]))

    def _choose_codes(self, index: int, start: int, age: Audio, spelling: Spelling) -> Tensor:
        """Draw the audio tokens of frame ``index + 1`` one after the other; returns their logits ``(k, codes)``."""
        drawn = [torch.zeros(0, self._codec.vocabulary)]
        for code in range(self._schedule.tokens_before(index + 1), self._schedule.tokens_before(index + 2)):
            codes = make_codes(
                np.array([self.past.codes[-1]]),
                np.array([code]),
                np.array([index]),
                age,
                self._pacing,
                start,
                self._schedule,
            )
            logits = self.model.sound(codes, spelling, index - start, self._state.voice)
            self.past.codes.append(self._choose_code(logits[0].numpy()))
            drawn.append(logits)
        return torch.cat(drawn)

    def _choose_code(self, logits: Logits) -> int:
        sampling = self._settings.sampling
        if sampling.voice == "mean" and self._levels.size:
            return nearest_to_mean(logits, self._levels, sampling.voice_temperature)
        return draw(logits, sampling.voice_temperature, sampling.voice_top_p, self._voice_chance)

    def _speak(self, index: int) -> Audio:
        """Decode the newest audio tokens; returns the samples of frame ``index + 1``."""
        count = self._schedule.tokens_before(index + 2) - self._schedule.tokens_before(index + 1)
        if count:
            new = self._stream.push(torch.tensor(self.past.codes[-count:]))
            self._sound = np.concatenate([self._sound, new.numpy()])
        return self._take_sound(index + 1)

    def _take_sound(self, frame: int) -> Audio:
        """Cut the samples of ``frame`` off the front; what is left is less than one audio token."""
        until = samples_before(frame + 1, self.context.fps, self.context.sample_rate)
        taken, self._sound = np.split(self._sound, [until - self._played])
        self._played = until
        return np.ascontiguousarray(taken, dtype=np.float32)

    def _hop(self, index: int) -> None:
        """Start the next segment: forget, put old words into the history, fill the caches from the frames that stay."""
        window = self._settings.window
        start = segment_start(index, window.frames, window.hop)
        self.past.forget(start, self._schedule.tokens_before(start + 1) - 1)
        self.model.restart(self._state, self.voiceprint)
        prefix = self._prefix(start, index).tolist()
        segment = build_segment(
            self.past.track(self.context.fps), start, index, self._schedule, prefix, self.voiceprint, self._delay
        )
        self.model(segment, self._state)
        self.hop_steps += 1

    def close(self) -> None:
        """Nothing is held beyond this object's own memory."""
