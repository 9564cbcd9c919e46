"""Conditions of the sound: a room, noise, the listener's own echo, lost packets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnibench.conditions.base import Damage, microphone
from omnibench.types import Audio, Dialogue, SpeakerFrame, Track, samples_before

SPEECH_SPECTRUM: Final = {63: 17.0, 125: 31.0, 250: 34.75, 500: 34.27, 1000: 25.01, 2000: 17.32, 4000: 9.33, 8000: 1.13,
                          16000: -8.0}  # fmt: skip
"""dB by Hz. From 250 to 8000 Hz: ANSI S3.5-1997, octave bands, normal effort; beyond, its slopes go on."""

HUM_HZ: Final = 50
HUM_DB: Final = -15.0
"""The hum of the mains under the noise, four harmonics in all."""

UNKNOWN_LEVEL: Final = 10 ** (-26 / 20)
"""Of speech that is silence alone: the usual active level of telephony, -26 dB below full scale."""

DIRECT_SECONDS: Final = 0.0025
"""After the direct sound, nothing comes back from a wall for so long."""

PACKETS: Final = Fraction(50)
FADE_SECONDS: Final = 0.06
_ACTIVE: Final = 1e-3
_LEVEL_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Room:
    """A microphone away from the mouth: the direct sound and a tail of Gaussian noise that falls by 60 dB in
    ``rt60_s`` (Polack 1988). ``direct_db`` is the energy of the direct sound over the tail's; the level stays.
    """

    rt60_s: float
    direct_db: float

    def on(self, dialogue: Dialogue, rng: np.random.Generator) -> Damage:
        """The damage of one dialogue."""
        response = self.response(dialogue.sample_rate, rng)
        longest = -(-dialogue.sample_rate * dialogue.fps.denominator // dialogue.fps.numerator)
        size = 1 << (longest + len(response) - 2).bit_length()
        spectrum, tail = np.fft.rfft(response, size), np.zeros(len(response) - 1)

        def damage(frame: SpeakerFrame, _: Audio) -> SpeakerFrame:
            nonlocal tail
            count = len(frame.audio)
            wet = np.fft.irfft(np.fft.rfft(frame.audio, size) * spectrum, size)[: count + len(tail)]
            wet[: len(tail)] += tail
            tail = wet[count:]
            return replace(frame, audio=microphone(wet[:count]))

        return damage

    def response(self, rate: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """The impulse response ``(n,)``, of energy 1."""
        seconds = np.arange(1, round(self.rt60_s * rate)) / rate
        tail = rng.standard_normal(len(seconds)) * 10 ** (-3 * seconds / self.rt60_s)
        tail[seconds < DIRECT_SECONDS] = 0
        tail *= 10 ** (-self.direct_db / 20) / np.sqrt((tail**2).sum())
        response = np.concatenate([[1.0], tail])
        return response / np.sqrt((response**2).sum())


@dataclass(frozen=True, slots=True)
class Noise:
    """Noise of the spectrum of speech and the hum of the mains, ``snr_db`` below the speech where somebody speaks."""

    snr_db: float

    def on(self, dialogue: Dialogue, rng: np.random.Generator) -> Damage:
        """The damage of one dialogue. The speaker's level is measured once, with the first frame."""
        rate, fps = dialogue.sample_rate, dialogue.fps
        phases, shape = rng.uniform(0, 2 * np.pi, 4), speech_shape(rate)
        white = rng.standard_normal(len(shape) - 1)
        scale = 0.0

        def damage(frame: SpeakerFrame, _: Audio) -> SpeakerFrame:
            nonlocal white, scale
            if not scale:
                level = speech_level(dialogue.speaker, rate) if dialogue.speaker.has_audio else 0.0
                scale = level * 10 ** (-self.snr_db / 20) / np.sqrt(1 + 10 ** (HUM_DB / 10))
            count = len(frame.audio)
            white = np.concatenate([white[len(white) - len(shape) + 1 :], rng.standard_normal(count)])
            noise = np.convolve(white, shape, "valid")
            noise += hum(samples_before(frame.index, fps, rate), count, rate, phases)
            return replace(frame, audio=microphone(frame.audio + scale * noise)) if scale else frame

        return damage


def speech_shape(rate: int) -> NDArray[np.float64]:
    """A filter ``(n,)``, n odd, that gives white noise of variance 1 the spectrum of speech, and the same variance."""
    half = rate // 128
    hertz = np.fft.rfftfreq(2 * half, 1 / rate)
    decibel = np.interp(np.log2(np.maximum(hertz, 1)), np.log2(list(SPEECH_SPECTRUM)), list(SPEECH_SPECTRUM.values()))
    decibel[hertz < min(SPEECH_SPECTRUM)] = -np.inf
    response = np.fft.fftshift(np.fft.irfft(10 ** (decibel / 20)))[1:] * np.hanning(2 * half + 1)[1:-1]
    return response / np.sqrt((response**2).sum())


def hum(begin: int, count: int, rate: int, phases: NDArray[np.float64]) -> NDArray[np.float64]:
    """``count`` samples of the mains' hum from sample ``begin`` on, ``HUM_DB`` of power."""
    harmonics = np.arange(1, len(phases) + 1)[:, None]
    turns = 2 * np.pi * HUM_HZ * harmonics * np.arange(begin, begin + count) / rate
    waves = np.sin(turns + phases[:, None]) / harmonics
    return waves.sum(axis=0) * np.sqrt(10 ** (HUM_DB / 10) * 2 / (1.0 / harmonics**2).sum())


def speech_level(speaker: Track, rate: int) -> float:
    """The root mean square of a person's sound where they speak: in pieces of 20 ms that are at most 30 dB below the
    loudest. `UNKNOWN_LEVEL` where there is nothing but silence.
    """
    piece = max(1, rate // 50)
    block, start, powers = piece * 50 * _LEVEL_SECONDS, 0, [np.zeros(1)]
    while len(samples := speaker.audio(start, start + block)):
        whole = np.pad(samples.astype(np.float64), (0, -len(samples) % piece)).reshape(-1, piece)
        powers.append((whole**2).mean(axis=1))
        start += block
    power = np.concatenate(powers)
    active = power[power > power.max() * _ACTIVE]
    return float(np.sqrt(active.mean())) if len(active) else UNKNOWN_LEVEL


@dataclass(frozen=True, slots=True)
class Echo:
    """What the listener says comes back through the speaker's microphone, ``delay_ms`` later and ``gain_db`` louder:
    nearly all of it, or what an echo canceller leaves.
    """

    delay_ms: float
    gain_db: float

    def on(self, dialogue: Dialogue, _: np.random.Generator) -> Damage:
        """The damage of one dialogue; it follows from the answers."""
        gain, under_way = 10 ** (self.gain_db / 20), np.zeros(round(self.delay_ms * dialogue.sample_rate / 1000))

        def damage(frame: SpeakerFrame, heard: Audio) -> SpeakerFrame:
            nonlocal under_way
            count = len(frame.audio)
            under_way = np.concatenate([under_way, heard])
            back, under_way = under_way[:count], under_way[count:]
            return replace(frame, audio=microphone(frame.audio + gain * back)) if back.any() else frame

        return damage


@dataclass(frozen=True, slots=True)
class CodecLoss:
    """Packets of 20 ms that do not arrive, a ``share`` of all in bursts of ``burst`` on average (Gilbert 1960). In
    their place the last one that came is repeated, and fades within 60 ms.
    """

    share: float
    burst: float

    def on(self, dialogue: Dialogue, rng: np.random.Generator) -> Damage:
        """The damage of one dialogue."""
        rate, fps = dialogue.sample_rate, dialogue.fps
        heal = 1 / self.burst
        fall = heal * self.share / (1 - self.share)
        gone = [False]  # the first packet comes
        packet, last, since = np.zeros(-(-rate // 50) + 1, np.float32), np.zeros(1, np.float32), 0

        def damage(frame: SpeakerFrame, _: Audio) -> SpeakerFrame:
            nonlocal last, since
            audio, begin = frame.audio.copy(), samples_before(frame.index, fps, rate)
            end, number = begin + len(audio), int(begin * PACKETS / rate)
            while (first := samples_before(number, PACKETS, rate)) < end:
                behind = samples_before(number + 1, PACKETS, rate)
                while len(gone) <= number:
                    gone.append(rng.random() < (1 - heal if gone[-1] else fall))
                low, high = max(first, begin), min(behind, end)
                if not gone[number]:
                    packet[low - first : max(low, high) - first] = frame.audio[low - begin : max(low, high) - begin]
                    last = packet[: behind - first].copy() if high == behind else last
                elif low < high:
                    since = since if gone[number - 1] else first
                    audio[low - begin : high - begin] = _concealed(last, np.arange(low - since, high - since), rate)
                number += 1
            return replace(frame, audio=audio)

        return damage


def _concealed(last: Audio, places: NDArray[np.int64], rate: int) -> Audio:
    """What is heard so many samples after the sound broke off."""
    fade = np.clip(1 - places / (FADE_SECONDS * rate), 0, 1)
    return microphone(last[places % len(last)] * fade)
