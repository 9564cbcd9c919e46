"""One dialogue as one picture: frames of both people, their words and voices on a common time line (after the paper's
Figure 5)."""

from __future__ import annotations

import io
import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.features.activity import Span, speech_spans
from omnibench.files.atomic import write_bytes
from omnibench.report.scene import Scene, Side
from omnibench.report.wordline import place_words
from omnibench.system.drawing import load_matplotlib, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH: Final = 13.0
LONGEST_STRIP: Final = 9
"""Pictures side by side; longer scenes go on in a further strip."""

# Lengths in inches.
MARGIN: Final = 0.5
EDGE: Final = 0.12
LINE: Final = 0.22
WAVE: Final = 0.4
AXIS: Final = 0.24
ROOM: Final = 0.07
BETWEEN: Final = 0.45
WAVE_MIDDLE: Final = AXIS / 2 + WAVE / 2
WORD_POINTS: Final = (11.0, 10.0, 9.0, 8.0)
"""Sizes that are tried: the largest at which words stay near their time."""

WORD_GAP: Final = 0.006
"""Least room between words, inches for each point of size."""

MOST_SHIFT: Final = 0.3
COLOURS: Final = {"speaker": "#2f5d8a", "answer": "#b4532a"}
TINT: Final = {"speaker": "#e8eff6", "answer": "#fbeee7"}
INK: Final = "#222222"
FAINT: Final = "#8a8a8a"
BINS_PER_SECOND: Final = 80


def draw_picture(scene: Scene, path: Path, dpi: int = 130) -> None:
    """Write a PNG. The same scene gives the same bytes on one machine."""
    strips = _strips(scene)
    inches = (WIDTH - 2 * MARGIN) / (max(len(strip) for strip in strips) * scene.every)
    bands = [
        [
            _Band(role, side, scene, strip, inches)
            for role, side in (("speaker", scene.speaker), ("answer", scene.answer))
        ]
        for strip in strips
    ]
    points = next((p for p in WORD_POINTS if all(band.fits(p) for pair in bands for band in pair)), WORD_POINTS[-1])
    height = 2 * (AXIS / 2 + WAVE + LINE + 2 * ROOM + scene.every * inches)
    total = len(strips) * height + (len(strips) - 1) * BETWEEN + 2 * EDGE
    figure = new_figure(figsize=(WIDTH, total), dpi=dpi, facecolor="white")
    for number, pair in enumerate(bands):
        bottom = total - EDGE - (number + 1) * height - number * BETWEEN
        axes = figure.add_axes((MARGIN / WIDTH, bottom / total, 1 - MARGIN / WIDTH, height / total))
        begin, stop = pair[0].begin, pair[0].stop
        axes.set(xlim=(begin, begin + (WIDTH - MARGIN) / inches), ylim=(-height / 2, height / 2), autoscale_on=False)
        axes.axis("off")
        _axis(axes, begin, stop)
        for band in pair:
            band.draw(axes, points)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    write_bytes(path, buffer.getvalue())


def _strips(scene: Scene) -> list[range]:
    """Indices of the pictures of each strip, as even as they go."""
    count = len(scene.times)
    rows = -(-count // LONGEST_STRIP)
    each = -(-count // rows)
    return [range(first, min(first + each, count)) for first in range(0, count, each)]


def _axis(axes: Axes, begin: float, stop: float) -> None:
    """Seconds, between the two voices."""
    for second in range(int(np.ceil(begin - 1e-9)), int(np.floor(stop + 1e-9)) + 1):
        axes.text(second, 0, f"{second} s", size=8.5, color=FAINT, ha="center", va="center")
    for half in np.arange(np.ceil(2 * begin), np.floor(2 * stop) + 1) / 2:
        if half % 1:
            axes.plot([half, half], [-0.03, 0.03], color=FAINT, linewidth=0.6)


class _Band:
    """One person's half of a strip: voice next to the axis, words beyond it, pictures outermost.

    Seconds to the right, inches up; ``inches`` are those of a second.
    """

    def __init__(self, role: str, side: Side, scene: Scene, strip: range, inches: float) -> None:
        self.side, self.scene, self.strip, self.inches = side, scene, strip, inches
        self.sign = 1 if role == "speaker" else -1
        self.colour, self.tint = COLOURS[role], TINT[role]
        self.begin = scene.start + strip.start * scene.every
        self.stop = min(scene.start + strip.stop * scene.every, scene.stop)
        self.words = [w for w in side.words if self.begin <= (w.start + w.end) / 2 < self.stop]
        self.middles = [(w.start + w.end) / 2 for w in self.words]

    def place(self, points: float) -> list[float]:
        """Where the words go, seconds, printed ``points`` high."""
        widths = [_inches(word.text, points) / self.inches for word in self.words]
        return place_words(self.middles, widths, self.begin, self.stop, points * WORD_GAP / self.inches)

    def fits(self, points: float) -> bool:
        """Whether every word stays near its time at this size."""
        return all(
            abs(a - b) <= MOST_SHIFT / self.inches for a, b in zip(self.place(points), self.middles, strict=True)
        )

    def draw(self, axes: Axes, points: float) -> None:
        """All three rows and the name at the left."""
        self.axes = axes
        spans = speech_spans(self.side.samples, self.side.rate)
        self._voice(spans)
        low = AXIS / 2 + WAVE + ROOM
        for word, centre in zip(self.words, self.place(points), strict=True):
            self._text(centre, low + LINE / 2, word.text, size=points, color=INK, ha="center", va="center_baseline")
        self._images(spans, low + LINE + ROOM)

    def _text(self, x: float, y: float, text: str, **style: Any) -> None:
        self.axes.text(x, self.sign * y, text, **style)

    def _voice(self, spans: tuple[Span, ...]) -> None:
        from matplotlib.patches import Rectangle

        for start, end in spans:
            left, right = max(start, self.begin), min(end, self.stop)
            if left < right:
                low = self.sign * WAVE_MIDDLE - WAVE / 2
                self.axes.add_patch(Rectangle((left, low), right - left, WAVE, color=self.tint, linewidth=0))
        times, peaks = envelope(self.side.samples, self.side.rate, self.begin, self.stop)
        middle = self.sign * WAVE_MIDDLE
        self.axes.plot([self.begin, self.stop], [middle, middle], color=self.colour, linewidth=0.5)
        if times.size:
            half = peaks * WAVE / 2
            self.axes.fill_between(times, middle - half, middle + half, color=self.colour, linewidth=0)

    def _images(self, spans: tuple[Span, ...], inner: float) -> None:
        from matplotlib.patches import Rectangle

        every, gap = self.scene.every, 0.035 / self.inches
        thumb = every * self.inches
        low = inner if self.sign > 0 else -inner - thumb
        size = min(12.0, 12.0 * thumb / _inches(self.side.title, 12.5))
        name = {"rotation": 90, "size": size, "color": self.colour, "weight": "bold", "ha": "center", "va": "center"}
        self._text(self.begin - 0.24 / self.inches, inner + thumb / 2, self.side.title, **name)
        for index in self.strip:
            if index >= len(self.side.images):
                break
            left = self.scene.times[index]
            box = (left + gap / 2, left + every - gap / 2, low, low + thumb - 0.035)
            self.axes.imshow(self.side.images[index], extent=box, aspect="auto", interpolation="antialiased")
            middle = left + every / 2
            speaking = any(start <= middle < end for start, end in spans)
            self.axes.add_patch(
                Rectangle(
                    (box[0], box[2]),
                    box[1] - box[0],
                    box[3] - box[2],
                    fill=False,
                    edgecolor=self.colour if speaking else "#d0d0d0",
                    linewidth=2.2 if speaking else 0.6,
                )
            )


def _inches(text: str, points: float) -> float:
    load_matplotlib()
    from matplotlib.textpath import TextPath

    return float(TextPath((0, 0), text, size=points).get_extents().width) / 72


def envelope(
    samples: NDArray[np.float32], rate: int, begin: float, stop: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Times and peaks ``(n,)`` of a voice between two times, 80 a second; peaks are relative to the loudest of the
    whole track."""
    loudest = float(np.abs(samples).max(initial=0.0))
    count = round((stop - begin) * BINS_PER_SECOND)
    edges = np.rint((begin + np.arange(count + 1) / BINS_PER_SECOND) * rate).astype(int)
    if loudest == 0.0:
        return np.zeros(0), np.zeros(0)
    peaks = [float(np.abs(samples[a:b]).max(initial=0.0)) / loudest for a, b in itertools.pairwise(edges)]
    return begin + (np.arange(count) + 0.5) / BINS_PER_SECOND, np.array(peaks)
