"""UTMOSv2's predicted ratings of recordings, many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from omnibench.features.sound import Samples
from omnibench.metrics.sound.utmosv2_inputs import RATE, Settings, draw, standardised

if TYPE_CHECKING:
    from omnibench.metrics.sound.utmosv2_network import UTMOSv2

LOOKS: Final = 4
"""Random looks that go through the network together; of several recordings where one has fewer."""


def load(fold: int, device: str = "cpu") -> UTMOSv2:
    """The network of one fold, in evaluation mode.

    Raises:
        MissingError: its file is not on this machine; the message names the command that gets it.
        InputError: it is another file than the pinned one, or does not hold this network's weights.
    """
    import torch

    from omnibench.assets.finding import find
    from omnibench.errors import InputError
    from omnibench.features.torch_files import load_weights
    from omnibench.metrics.sound.utmosv2_network import UTMOSv2

    path = find(asset_name(fold))
    with torch.device("meta"):
        network = UTMOSv2()
    try:
        network.load_state_dict(load_weights(path), assign=True)
    except RuntimeError as error:
        raise InputError(f"{path}: not UTMOSv2's weights ({str(error).splitlines()[0]})") from error
    return network.to(device).eval()


def asset_name(fold: int) -> str:
    """The asset that holds a fold's weights."""
    return f"utmosv2-fold{fold}"


def ratings(
    network: UTMOSv2,
    recordings: Iterable[Samples],
    repetitions: int,
    seed: int,
    settings: Settings | None = None,
    looks: int = LOOKS,
) -> Iterator[NDArray[np.float64]]:
    """Predicted ratings of each recording, from ``repetitions`` random looks.

    Every recording starts its own random sequence from ``seed``, so that its ratings do not depend on which others
    there are: with one repetition they are what ``predict`` of the package gives after ``np.random.seed(seed)``. In 32
    bits everywhere; on a GPU the package lets torch take 16 where it may.

    Args:
        network: on the device where it shall run.
        recordings: float32 at 16 kHz, none of them empty.
        repetitions: looks at each.
        seed: of excerpts and mixing weights.
        settings: sizes of the inputs.
        looks: how many go through the network together.

    Yields:
        ``(repetitions,)`` ratings, 1 to 5, in the order of the recordings.
    """
    import torch

    device = next(network.parameters()).device
    pending = _looks(recordings, repetitions, seed, settings)
    done: list[float] = []
    while batch := list(islice(pending, looks)):
        waves, spectra = (torch.from_numpy(np.stack(part)).to(device) for part in zip(*batch, strict=True))
        with torch.inference_mode():
            done += network(waves, spectra).double().cpu().tolist()
        while len(done) >= repetitions:
            yield np.array(done[:repetitions])
            del done[:repetitions]


def at_16_khz(samples: NDArray[Any], rate: int) -> NDArray[np.float32]:
    """``samples`` at 16 kHz, ``ceil(n * ratio)`` of them, as ``librosa.resample`` makes them: soxr in high quality.

    Raises:
        MissingError: soxr is not installed.
    """
    signal = np.asarray(samples, dtype=np.float32)
    if rate == RATE or signal.size == 0:
        return signal
    try:
        import soxr
    except ImportError as error:
        from omnibench.errors import MissingError

        raise MissingError(
            f"UTMOSv2 as the paper has it resamples {rate} Hz with soxr. Get it with: pip install soxr"
        ) from error
    length = int(np.ceil(signal.size * RATE / rate))
    found = np.asarray(soxr.resample(signal, rate, RATE, quality="HQ"), dtype=np.float32)[:length]
    return np.pad(found, (0, length - found.size))


def _looks(
    recordings: Iterable[Samples], repetitions: int, seed: int, settings: Settings | None
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    for recording in recordings:
        generator = np.random.RandomState(seed)
        for _ in range(repetitions):
            wave, spectra = draw(recording, generator, settings)
            yield standardised(wave), spectra
