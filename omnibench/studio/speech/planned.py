"""A person says a line, as :func:`omnibench.studio.voice.speak` does, but everything except the samples is planned.

Where words end before a pause, what is trimmed and how loud it is follow from the planned energy, not from the sound,
so that they are the same on every machine, and are known without making the sound.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.assets.lexicon import load_lexicon
from omnibench.studio.g2p import SpokenWord, join, phonemize
from omnibench.studio.kokoro import SAMPLES_PER_FRAME, voice_table
from omnibench.studio.people import Person
from omnibench.studio.speech.prosody import LONGEST, PITCH_STEP, Prosody, plan
from omnibench.studio.speech.sound import sound as sound_of
from omnibench.studio.voice import (
    CUT_FADE,
    EDGE_FADE,
    MOOD_PACE,
    POWER_RATE,
    SAMPLE_RATE,
    TARGET_RMS,
    Phone,
    Utterance,
    faded,
    levelled,
    settled,
    shifted,
    speech_span,
    times,
)
from omnibench.types import Word

_SAMPLES_PER_VALUE: Final = SAMPLES_PER_FRAME // 2
DB_PER_ENERGY: Final = 4.3
"""The level of the sound in decibels rises so much with the planned energy: the slope over 24 lines of 24 voices, in
which they correlate by .99."""
# Of words before pauses, the planned ends at -36 dB are a median of 0 ms from those that the sound has at -38.
_SILENCE_DB: Final = -36.0
_SLACK: Final = 0.1
_EARLIEST: Final = 0.15
_LOUD_DB: Final = -25.0
_BREATH: Final = 0.25
_FULL_SCALE: Final = 32767


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """A line before it is sounded: its words' symbols, the voice's style row ``(256,)``, pace and rate, its prosody.

    The sound is played at ``rate`` samples a second, so pitch and energy come ``rate / 300`` times a second: value
    ``i`` is of the sound around ``i * 300 / rate`` seconds.
    """

    spoken: tuple[SpokenWord, ...]
    row: NDArray[np.float32]
    pace: float
    rate: int
    prosody: Prosody

    @property
    def phonemes(self) -> str:
        """The symbols that ``prosody.frames[1:-1]`` counts the frames of."""
        return join(self.spoken)

    @property
    def samples(self) -> int:
        """The length of the whole sound at 16 kHz, with the silence of both ends."""
        return math.ceil(int(self.prosody.frames.sum()) * SAMPLES_PER_FRAME * SAMPLE_RATE / self.rate)

    def level(self, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """The planned level at times of the whole sound, in decibels over nothing in particular."""
        energy = self.prosody.energy.astype(np.float64)
        return np.interp(seconds * self.rate / _SAMPLES_PER_VALUE, np.arange(len(energy)), DB_PER_ENERGY * energy)


def say(text: str, person: Person, mood: str = "neutral", cache: Path | None = None, sound: bool = True) -> Utterance:
    """Say ``text`` in a person's voice and pace, trimmed of silence, at -24 dBFS (RMS of the loud parts).

    Args:
        text: a line; one that ends in ``--`` is cut at the end of its last word with a 60 ms fade. A line that is
            too long for the synthesiser is said in parts.
        person: whose voice, pace and accent.
        mood: sets the pace.
        cache: a folder that keeps sounds.
        sound: without it the audio is silence of the right length, and all the rest the same.

    Raises:
        omnibench.errors.InputError: a word without a pronunciation.
        omnibench.errors.MissingError: the extra ``[studio]`` is not installed.
    """
    return said(plan_lines(text, person, mood), cache, sound)


def plan_lines(text: str, person: Person, mood: str = "neutral") -> tuple[PlannedLine, ...]:
    """Plan a line, in parts if it is too long for the synthesiser. Raises as :func:`say`."""
    spoken = phonemize(text, load_lexicon(person.accent))
    return tuple(plan_line(part, person, mood) for part in _parts(spoken))


def said(lines: Sequence[PlannedLine], cache: Path | None = None, sound: bool = True) -> Utterance:
    """What :func:`say` gives, of what :func:`plan_lines` planned."""
    parts = [_said(line, cache, sound) for line in lines]
    return parts[0] if len(parts) == 1 else _joined(parts)


def plan_line(spoken: tuple[SpokenWord, ...], person: Person, mood: str = "neutral") -> PlannedLine:
    """Plan what :func:`omnibench.studio.g2p.phonemize` gave. Raises ValueError beyond ``LONGEST`` symbols."""
    phonemes = join(spoken)
    table = voice_table(person.voice)
    row = table[min(len(phonemes), len(table)) - 1]
    pace = person.speed * MOOD_PACE[mood]
    prosody = plan(phonemes, row, pace)
    raised = np.asarray(np.round(prosody.pitch * person.pitch / PITCH_STEP) * PITCH_STEP, np.float32)
    return PlannedLine(spoken, row, pace, person.rate, replace(prosody, pitch=raised))


def _said(line: PlannedLine, cache: Path | None, sound: bool) -> Utterance:
    from scipy.signal import resample_poly

    pauses = [bool(word.marks) for word in line.spoken]
    loud = _loud_times(line)
    predicted = times(line.spoken, line.prosody.frames, line.rate)
    words, phones = settled(*_opened(*predicted, loud), pauses, loud, _SLACK)
    cut_off = line.spoken[-1].text.endswith("--")
    start, end = speech_span(words, cut_off, line.samples)
    audio = np.zeros(end - start, np.float32)
    if sound:
        raw = sound_of(line.prosody, line.row, line.phonemes, cache)
        trimmed = resample_poly(raw.astype(np.float64) / 32768, SAMPLE_RATE, line.rate)[start:end]
        audio = faded(levelled(trimmed), CUT_FADE if cut_off else EDGE_FADE)
    words_and_phones = shifted(words, phones, start / SAMPLE_RATE, (end - start) / SAMPLE_RATE)
    return Utterance(audio, *words_and_phones, _power(line, start, end))


def _loud_times(line: PlannedLine) -> NDArray[np.float64]:
    """Start times (s) of the 5 ms blocks that are planned to lie within 36 dB of the loudest."""
    blocks = np.arange(line.samples * POWER_RATE // SAMPLE_RATE) / POWER_RATE
    level = line.level(blocks + 0.5 / POWER_RATE)
    return blocks[level > level.max() + _SILENCE_DB]


def _opened(words: list[Word], phones: list[Phone], loud: NDArray[np.float64]) -> tuple[list[Word], list[Phone]]:
    """Start the first word where its sound starts: in short lines the decoder is up to 0.1 s further ahead."""
    first = words[0]
    before = loud[(loud > first.start - _EARLIEST) & (loud < first.start)]
    if not len(before):
        return words, phones
    start = float(before[0]) + 2 / POWER_RATE
    sound = Phone(phones[0].symbol, start, phones[0].end)
    return [Word(first.text, start, first.end), *words[1:]], [sound, *phones[1:]]


def _power(line: PlannedLine, start: int, end: int) -> NDArray[np.float64]:
    """The planned level of the samples ``start`` to ``end`` as :attr:`Utterance.power`: loud parts at -24 dBFS."""
    seconds = np.arange((end - start) * POWER_RATE // SAMPLE_RATE + 1) / POWER_RATE + start / SAMPLE_RATE
    power = 10 ** (line.level(seconds) / 10)
    loud = power > power.max() * 10 ** (_LOUD_DB / 10)
    return np.asarray(power * (_FULL_SCALE * TARGET_RMS) ** 2 / power[loud].mean())


def _parts(spoken: tuple[SpokenWord, ...]) -> list[tuple[SpokenWord, ...]]:
    """The line in as few parts as the synthesiser's length asks for, cut at the mark nearest to the middle."""
    if len(join(spoken)) <= LONGEST or len(spoken) < 2:
        return [spoken]
    sizes = np.cumsum([len(word.phonemes + word.marks) + 1 for word in spoken])

    def cost(i: int) -> float:
        kind = 0.0 if set(spoken[i - 1].marks) & set(".?!…") else 0.1 if spoken[i - 1].marks else 1.0
        return kind + abs(float(sizes[i - 1] / sizes[-1]) - 0.5)

    cut = min(range(1, len(spoken)), key=cost)
    return _parts(spoken[:cut]) + _parts(spoken[cut:])


def _joined(parts: list[Utterance]) -> Utterance:
    """One after the other with a quarter of a second between."""
    gap, still = np.zeros(round(_BREATH * SAMPLE_RATE), np.float32), np.zeros(round(_BREATH * POWER_RATE))
    audio: list[NDArray[np.float32]] = []
    power: list[NDArray[np.float64]] = []
    words: list[Word] = []
    phones: list[Phone] = []
    for one in parts:
        if audio:
            audio.append(gap)
            power.append(still)
        # Whole 5 ms blocks, so that power and audio stay together.
        block = SAMPLE_RATE // POWER_RATE
        begin = sum(map(len, audio)) / SAMPLE_RATE
        words += [Word(w.text, round(w.start + begin, 4), round(w.end + begin, 4)) for w in one.words]
        phones += [Phone(p.symbol, round(p.start + begin, 4), round(p.end + begin, 4)) for p in one.phones]
        audio.append(np.pad(one.audio, (0, -len(one.audio) % block)))
        power.append((still if one.power is None else one.power)[: len(audio[-1]) // block])
    return Utterance(np.concatenate(audio), tuple(words), tuple(phones), np.concatenate(power))
