"""A person says a line: text in, 16 kHz speech with word and phone times out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.assets.lexicon import load_lexicon
from omnibench.studio.g2p import SpokenWord, join, phonemize
from omnibench.studio.kokoro import SAMPLES_PER_FRAME, synthesise
from omnibench.studio.people import Person
from omnibench.types import Word

SAMPLE_RATE: Final = 16_000
POWER_RATE: Final = 200
TARGET_RMS: Final = 10 ** (-24 / 20)
PEAK_LIMIT: Final = 10 ** (-1 / 20)
MOOD_PACE: Final[dict[str, float]] = {
    "neutral": 1.0,
    "happy": 1.04,
    "sad": 0.93,
    "surprised": 1.05,
    "serious": 0.97,
    "worried": 1.02,
    "amused": 1.02,
}
_STRESS: Final = "ˈˌ"
# The decoder sounds two frames ahead of the predicted boundaries: the best lag of energy against phones is 50 ms in
# five voices of both accents.
_DECODER_LEAD: Final = 2 * SAMPLES_PER_FRAME
_SILENCE_DB: Final = -38.0
_SHORTEST_PHONE: Final = 0.025
_MARGIN: Final = 0.03
_BLOCK: Final = SAMPLE_RATE // 200
CUT_FADE: Final = 0.06
EDGE_FADE: Final = 0.005


@dataclass(frozen=True, slots=True)
class Phone:
    """One speech sound; ``symbol`` as in Kokoro's vocabulary (stress marks removed), times in seconds."""

    symbol: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Utterance:
    """A spoken line: mono float32 at 16 kHz, words with their punctuation, phones; times from the audio's start.

    ``power``: where the synthesiser plans it, the mean square that the audio (as int16) is to have around every
    :data:`POWER_RATE`-th of a second; None where only the sound tells.
    """

    audio: NDArray[np.float32]
    words: tuple[Word, ...]
    phones: tuple[Phone, ...]
    power: NDArray[np.float64] | None = None

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.audio) / SAMPLE_RATE


def speak(text: str, person: Person, mood: str = "neutral", cache: Path | None = None) -> Utterance:
    """Say ``text`` in a person's voice and pace, trimmed of silence, at -24 dBFS (RMS of the loud parts).

    A text that ends in ``--`` is cut at the end of its last word with a 60 ms fade. Deterministic;
    ``cache`` is a folder that keeps the synthesiser's answers.

    Raises:
        omnibench.errors.InputError: a word without a pronunciation.
        omnibench.errors.MissingError: the extra ``[studio]`` is not installed.
    """
    from scipy.signal import resample_poly

    spoken = phonemize(text, load_lexicon(person.accent))
    pace = person.speed * MOOD_PACE[mood]
    raw, frames = synthesise(join(spoken), person.voice, pace, cache)
    audio = resample_poly(raw.astype(np.float64) / 32768, SAMPLE_RATE, person.rate)
    predicted = times(spoken, frames, person.rate)
    words, phones = settled(*predicted, [bool(word.marks) for word in spoken], _loud_times(audio))
    start, end = speech_span(words, text.endswith("--"), len(audio))
    sound = faded(levelled(audio[start:end]), CUT_FADE if text.endswith("--") else EDGE_FADE)
    return Utterance(sound, *shifted(words, phones, start / SAMPLE_RATE, len(sound) / SAMPLE_RATE))


def times(spoken: tuple[SpokenWord, ...], frames: NDArray[np.int64], rate: int) -> tuple[list[Word], list[Phone]]:
    """Word and phone times from the frames of every symbol; a stress mark's frames go to the sound it marks."""
    edges = np.concatenate([[0], np.cumsum(frames)]) * SAMPLES_PER_FRAME / rate - _DECODER_LEAD / rate
    words: list[Word] = []
    phones: list[Phone] = []
    at = 1
    for word in spoken:
        first = at
        begin: float | None = None
        for symbol in word.phonemes:
            start = float(edges[at]) if begin is None else begin
            stop = float(edges[at + 1])
            if symbol == "ː" and phones:
                phones[-1] = Phone(phones[-1].symbol, phones[-1].start, stop)
            elif symbol in _STRESS:
                begin = start
            else:
                phones.append(Phone(symbol, start, stop))
                begin = None
            at += 1
        words.append(Word(word.text, float(edges[first]), float(edges[at])))
        at += len(word.marks) + 1
    return words, phones


def _loud_times(audio: NDArray[np.float64]) -> NDArray[np.float64]:
    """Start times (s) of the 5 ms blocks that lie within 38 dB of the loudest."""
    power = np.add.reduceat(audio**2, np.arange(0, len(audio), _BLOCK))
    loud = np.flatnonzero(power > power.max() * 10 ** (_SILENCE_DB / 10))
    return loud.astype(np.float64) * _BLOCK / SAMPLE_RATE


def settled(
    words: list[Word], phones: list[Phone], pauses: list[bool], loud: NDArray[np.float64], slack: float = 0.0
) -> tuple[list[Word], list[Phone]]:
    """End words before a pause where their sound ends: the predictor gives a part of the pause to the last phone.

    Args:
        words, phones: by the predictor.
        pauses: whether a pause follows the word.
        loud: start times (s) of the 5 ms blocks that sound.
        slack: seconds that a word may sound on after its predicted end, though not into the next word.
    """
    ended: list[Word] = []
    for i, (word, pause) in enumerate(zip(words, pauses, strict=True)):
        end = word.end
        if pause or word is words[-1]:
            following = words[i + 1].start if i + 1 < len(words) else float("inf")
            limit = max(word.end, min(word.end + slack, following))
            final = max(phone.start for phone in phones if phone.start < word.end)
            inside = loud[(loud >= word.start) & (loud < limit)]
            end = max(final + _SHORTEST_PHONE, float(inside[-1]) + 0.01 if len(inside) else 0.0)
            end = min(end, limit)
            phones = [Phone(p.symbol, p.start, end) if p.start < word.end <= p.end else p for p in phones]
        ended.append(Word(word.text, word.start, end))
    return ended, phones


def speech_span(words: list[Word], cut_off: bool, samples: int) -> tuple[int, int]:
    """First and last sample to keep: the words with 30 ms around, none after a turn that is cut off."""
    start = round((words[0].start - _MARGIN) * SAMPLE_RATE)
    end = round((words[-1].end + (0.0 if cut_off else _MARGIN)) * SAMPLE_RATE)
    return max(0, start), min(samples, end)


def levelled(audio: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale so that the 20 ms blocks within 25 dB of the loudest have an RMS of -24 dBFS; peaks stay under -1 dBFS."""
    block = SAMPLE_RATE // 50
    power = np.add.reduceat(audio**2, np.arange(0, len(audio), block)) / block
    gain = TARGET_RMS / np.sqrt(power[power > power.max() * 10**-2.5].mean())
    return audio * float(min(gain, PEAK_LIMIT / np.abs(audio).max()))


def faded(audio: NDArray[np.float64], fade_out: float) -> NDArray[np.float32]:
    """Raised-cosine fades: 5 ms in, ``fade_out`` seconds out."""
    shaped = audio.copy()
    for seconds, order in ((EDGE_FADE, 1), (fade_out, -1)):
        n = min(len(shaped), round(seconds * SAMPLE_RATE))
        shaped[::order][:n] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(n) / n)
    return shaped.astype(np.float32)


def shifted(
    words: list[Word], phones: list[Phone], offset: float, duration: float
) -> tuple[tuple[Word, ...], tuple[Phone, ...]]:
    def clip(time: float) -> float:
        return round(min(max(time - offset, 0.0), duration), 4)

    return (
        tuple(Word(word.text, clip(word.start), clip(word.end)) for word in words),
        tuple(Phone(phone.symbol, clip(phone.start), clip(phone.end)) for phone in phones),
    )
