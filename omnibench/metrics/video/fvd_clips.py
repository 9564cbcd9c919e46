"""The windows of a data set's clips, on both sides, from headers alone: nothing is decoded here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from omnibench.errors import InputError, MetricError
from omnibench.features.media import Media, as_opencv_reads, listener_media
from omnibench.metrics.base import Parameters, PredictionSample
from omnibench.metrics.video.fvd_plan import frame_offsets, official_draw, stratified_starts
from omnibench.metrics.video.windows import WindowEmbedder, WindowExtractor
from omnibench.types import Dialogue


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip's windows. ``places`` and ``drawn`` are seeds by windows: which of the extractor's rows a window is, and
    whether it was drawn at all.
    """

    media: Media
    extractor: WindowExtractor
    places: tuple[tuple[int, ...], ...]
    drawn: tuple[tuple[bool, ...], ...]


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """Predicted and real clip by dialogue id, or why a dialogue has none; ``withheld`` says why there is no number at
    all, ``""`` where there is one.
    """

    clips: Mapping[str, tuple[Clip, Clip]] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)
    withheld: str = ""

    def of(self, dialogue: str) -> tuple[Clip, Clip]:
        """Predicted and real clip. Raises MetricError with the reason where there are none."""
        if dialogue not in self.clips:
            raise MetricError(self.failures.get(dialogue, "not among the planned clips"))
        return self.clips[dialogue]


@dataclass(frozen=True, slots=True)
class _Side:
    """One clip before its windows are drawn: frames that it has, and a window's frames counted from its first."""

    name: str
    media: Media
    length: int
    offsets: tuple[int, ...]


def plan_clips(
    pairs: Sequence[tuple[PredictionSample, Dialogue]], embedder: WindowEmbedder, parameters: Parameters
) -> ClipPlan:
    """Draw every window and tell the feature store of them, so that one decode serves all metrics.

    Args:
        pairs: answers with their references.
        embedder: the network.
        parameters: ``draw``, ``seeds``, and ``windows`` (seeded) or ``videos``, ``batch`` and ``reencode`` (official);
            ``stride`` in frames where the network has no rate of its own.
    """
    sides: dict[str, tuple[_Side, _Side]] = {}
    failures: dict[str, str] = {}
    for prediction, reference in pairs:
        try:
            sides[reference.id] = _sides(prediction, reference, embedder, parameters)
        except (MetricError, InputError) as error:
            # A file that cannot be read costs its own dialogue, with the reason, not the whole plan.
            failures[reference.id] = str(error)
    if parameters["draw"] == "official":
        return _official(sides, failures, embedder, parameters)
    clips = {}
    for dialogue, both in sides.items():
        try:
            clips[dialogue] = _seeded(dialogue, both, embedder, parameters)
        except MetricError as error:
            failures[dialogue] = str(error)
    return _wanted(ClipPlan(clips, failures), parameters)


def _sides(
    prediction: PredictionSample, reference: Dialogue, embedder: WindowEmbedder, parameters: Parameters
) -> tuple[_Side, _Side]:
    official = parameters["draw"] == "official"
    rate = None if official else embedder.rate
    found = []
    for name, media in (("prediction", prediction.media), ("reference", listener_media(reference))):
        step = Fraction(parameters["stride"]) if rate is None else media.rate() / Fraction(rate)
        length = _length(media, reference, official)
        shown = as_opencv_reads(media) if official else media
        found.append(_Side(name, shown, length, frame_offsets(embedder.frames, step)))
    return found[0], found[1]


def _length(media: Media, reference: Dialogue, official: bool) -> int:
    """Pictures of a clip without decoding it; a listener that is drawn has a picture for each vector."""
    if media.video_path is None:
        return reference.listener.frames
    if official:
        from omnibench.media.opencv_reader import opencv_count

        return opencv_count(media.video_path)
    from omnibench.media.video import video_info

    return video_info(media.video_path).frames


def _seeded(
    dialogue: str, sides: tuple[_Side, _Side], embedder: WindowEmbedder, parameters: Parameters
) -> tuple[Clip, Clip]:
    predicted, real = (_seeded_clip(dialogue, side, embedder, parameters) for side in sides)
    return predicted, real


def _seeded_clip(dialogue: str, side: _Side, embedder: WindowEmbedder, parameters: Parameters) -> Clip:
    need = side.offsets[-1] + 1
    try:
        starts = [
            stratified_starts(dialogue, seed, parameters["windows"], side.length, need) for seed in parameters["seeds"]
        ]
    except MetricError as error:
        raise MetricError(f"{side.name}: {error}") from error
    return _clip(side, embedder, starts, reencode=False)


def _official(
    sides: Mapping[str, tuple[_Side, _Side]],
    failures: Mapping[str, str],
    embedder: WindowEmbedder,
    parameters: Parameters,
) -> ClipPlan:
    videos, need = parameters["videos"], frame_offsets(embedder.frames, Fraction(parameters["stride"]))[-1] + 1
    # The official script counts whole strides: the frames after the last one it takes have to be there too.
    need += parameters["stride"] - 1
    lengths = [{dialogue: both[k].length for dialogue, both in sides.items()} for k in (0, 1)]
    draws = [official_draw(lengths, seed, videos, need, parameters["batch"]) for seed in parameters["seeds"]]
    fewest = min((len(side) for draw in draws for side in draw), default=0)
    if fewest < videos:
        unreadable = "".join(f"; {dialogue}: {reason}" for dialogue, reason in failures.items())
        return ClipPlan(
            failures=failures,
            withheld=f"takes {videos} clips of {need} frames from each side, {fewest} are there{unreadable}",
        )
    clips = {}
    for dialogue, both in sides.items():
        starts = [[[draw[k][dialogue]] if dialogue in draw[k] else [None] for draw in draws] for k in (0, 1)]
        predicted, real = (
            _clip(side, embedder, own, parameters["reencode"]) for side, own in zip(both, starts, strict=True)
        )
        clips[dialogue] = predicted, real
    return _wanted(ClipPlan(clips, failures), parameters)


def _clip(side: _Side, embedder: WindowEmbedder, starts: Sequence[Sequence[int | None]], reencode: bool) -> Clip:
    """``starts`` are seeds by windows, None where the clip was not drawn."""
    rows = {start: row for row, start in enumerate(sorted({s for own in starts for s in own if s is not None}))}
    return Clip(
        side.media,
        WindowExtractor(embedder, tuple(rows), side.offsets, reencode),
        tuple(tuple(0 if start is None else rows[start] for start in own) for own in starts),
        tuple(tuple(start is not None for start in own) for own in starts),
    )


def _wanted(plan: ClipPlan, parameters: Parameters) -> ClipPlan:
    for both in plan.clips.values():
        for clip in both:
            if clip.extractor.starts:
                parameters.features.want(clip.media, clip.extractor)
    return plan
