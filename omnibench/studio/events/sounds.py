"""Noises of a room and of a throat, made of noise, sines and filters: no recording is in them.

A cough is a burst of breath noise through the resonances of an open vocal tract, with a short voiced end (Korpas et al.
1996, Analysis of the cough sound: explosive, intermediate and voiced phase); clearing the throat is a low buzz with
breath; a sniff is high noise that swells. The others follow what makes the sound: decaying resonances for what is
struck, trains of clicks for what is typed, filtered noise for what blows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from omnibench.studio.performance import SAMPLE_RATE

Wave: TypeAlias = NDArray[np.float64]
Rng: TypeAlias = np.random.Generator

LEVEL: Final = 10 ** (-26 / 20)
"""RMS of the loud parts: 2 dB below the people's speech."""


def sound(name: str, seconds: float, rng: Rng) -> Wave:
    """A noise ``(round(seconds * 16000),)`` by its name, at -26 dBFS."""
    wave = SOUNDS[name](np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE, rng)
    edge = min(len(wave) // 2, SAMPLE_RATE // 200)
    ramp = np.arange(edge) / edge
    wave[:edge] *= ramp
    wave[-edge:] *= ramp[::-1]
    block = SAMPLE_RATE // 50
    power = np.add.reduceat(wave**2, np.arange(0, len(wave), block)) / block
    loud = power[power > power.max() * 10**-2.5]
    return np.asarray(np.clip(wave * LEVEL / np.sqrt(loud.mean()), -0.9, 0.9))


def _band(t: Wave, rng: Rng, low: float, high: float) -> Wave:
    """White noise between two frequencies."""
    from scipy.signal import butter, sosfilt

    filtered: Wave = sosfilt(butter(2, (low, high), "bandpass", fs=SAMPLE_RATE, output="sos"), rng.normal(size=len(t)))
    return filtered / (np.abs(filtered).max() + 1e-9)


def _decay(t: Wave, start: float, seconds: float) -> Wave:
    """1 at ``start``, falling by 8.7 dB every ``seconds``; 0 before."""
    since = t - start
    return np.where(since < 0, 0.0, np.exp(-np.clip(since, 0.0, None) / seconds))


def _struck(t: Wave, start: float, tones: tuple[float, ...], seconds: float) -> Wave:
    """A thing with these resonances that is hit once."""
    ring = sum((np.sin(2 * np.pi * tone * (t - start)) / (1 + i) for i, tone in enumerate(tones)), np.zeros_like(t))
    return np.asarray(ring * _decay(t, start, seconds))


def _times(t: Wave, rng: Rng, least: float, most: float) -> list[float]:
    """Moments from the beginning on, with gaps between two bounds."""
    found, time = [], 0.01
    while time < t[-1] - 0.03:
        found.append(time)
        time += float(rng.uniform(least, most))
    return found


def _voiced(t: Wave, rng: Rng, pitch: float) -> Wave:
    """A rough buzz at about ``pitch`` Hz."""
    phase = 2 * np.pi * np.cumsum(pitch * (1 + 0.04 * rng.normal(size=len(t)))) / SAMPLE_RATE
    return np.asarray(sum(np.sin(k * phase) / k for k in range(1, 12)))


def cough(t: Wave, rng: Rng) -> Wave:
    """Two coughs."""
    wave, second = np.zeros_like(t), 0.45 * t[-1] + 0.03
    for start, size in ((0.02, 1.0), (second, 0.8)):
        burst = _band(t, rng, 350, 3200) + 0.5 * _band(t, rng, 900, 1600)
        wave += size * burst * _decay(t, start, 0.055)
        wave += 0.35 * size * _band(t, rng, 300, 2500) * _decay(t, start + 0.06, 0.09)
        wave += 0.10 * size * _voiced(t, rng, 160) * _decay(t, start + 0.16, 0.05)
    return wave


def throat(t: Wave, rng: Rng) -> Wave:
    """Clearing the throat: two low buzzes."""
    wave = np.zeros_like(t)
    for start in (0.02, 0.5 * t[-1]):
        swell = np.clip((t - start) / 0.06, 0.0, 1.0) * _decay(t, start + 0.06, 0.13)
        wave += swell * (0.25 * _voiced(t, rng, 105) + 0.5 * _band(t, rng, 200, 1400))
    return wave


def sniff(t: Wave, rng: Rng) -> Wave:
    """Air drawn in through the nose."""
    return _band(t, rng, 1800, 6500) * np.clip(t / (0.6 * t[-1]), 0.0, 1.0) ** 2 * _decay(t, 0.75 * t[-1], 0.03)


def door(t: Wave, rng: Rng) -> Wave:
    """A door that falls shut, and its latch."""
    wave = 2 * _struck(t, 0.03, (68, 121, 187), 0.09) + _band(t, rng, 60, 900) * _decay(t, 0.03, 0.05)
    return wave + 0.4 * _band(t, rng, 1500, 5000) * _decay(t, 0.16, 0.012)


def keys(t: Wave, rng: Rng) -> Wave:
    """A bunch of keys that is put down."""
    starts = _times(t, rng, 0.03, 0.12)[:9]
    tones = [tuple(rng.uniform(2500, 7000, 4)) for _ in starts]
    return sum((_struck(t, s, tone, 0.04) for s, tone in zip(starts, tones, strict=True)), np.zeros_like(t))


def typing(t: Wave, rng: Rng) -> Wave:
    """A keyboard."""
    wave = np.zeros_like(t)
    for start in _times(t, rng, 0.07, 0.22):
        click = _band(t, rng, 1200, 5200) * _decay(t, start, 0.006)
        wave += rng.uniform(0.5, 1.0) * (click + 0.4 * _struck(t, start + 0.002, (310,), 0.012))
    return wave


def dishes(t: Wave, rng: Rng) -> Wave:
    """Plates that clink."""
    starts = _times(t, rng, 0.12, 0.4)
    tones = [tuple(rng.uniform(1400, 4200, 3)) for _ in starts]
    return sum((_struck(t, s, tone, 0.10) for s, tone in zip(starts, tones, strict=True)), np.zeros_like(t))


def phone(t: Wave, rng: Rng) -> Wave:
    """A telephone that buzzes on a table."""
    on = (t % 0.9) < 0.55
    return np.asarray(on * (np.sign(np.sin(2 * np.pi * 152 * t)) + 0.4 * _band(t, rng, 300, 1800)))


def traffic(t: Wave, rng: Rng) -> Wave:
    """A car that passes."""
    near = np.exp(-(((t - 0.55 * t[-1]) / (0.28 * t[-1])) ** 2))
    return near * (_band(t, rng, 50, 400) + 0.35 * _band(t, rng, 500, 2200))


def fan(t: Wave, rng: Rng) -> Wave:
    """A ventilator that is switched on and off."""
    return (_band(t, rng, 80, 1600) + 0.3 * np.sin(2 * np.pi * 118 * t)) * np.clip(t / 0.25, 0.0, 1.0)


def paper(t: Wave, rng: Rng) -> Wave:
    """Paper that rustles."""
    wave = np.zeros_like(t)
    for start in _times(t, rng, 0.05, 0.3):
        wave += rng.uniform(0.3, 1.0) * _band(t, rng, 2200, 7500) * _decay(t, start, 0.035)
    return wave


def chair(t: Wave, rng: Rng) -> Wave:
    """A chair that creaks."""
    phase = 2 * np.pi * np.cumsum(30 + 55 * t / t[-1] + 6 * rng.normal(size=len(t))) / SAMPLE_RATE
    pulses = np.maximum(0.0, np.sin(phase)) ** 24
    return pulses * (_band(t, rng, 400, 1400) + 0.5 * np.sin(2 * np.pi * 640 * t))


SOUNDS: Final[Mapping[str, Callable[[Wave, Rng], Wave]]] = {
    made.__name__: made
    for made in (cough, throat, sniff, door, keys, typing, dishes, phone, traffic, fan, paper, chair)
}
