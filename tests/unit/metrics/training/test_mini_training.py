"""Training of the two small networks: it repeats itself, leaves its losses, and its examples are what they say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from omnibench.metrics.lips.syncnet_mini import from_state, random_twin
from omnibench.metrics.training import syncnet_mini, video_mini
from omnibench.metrics.training.faces import DrawnTrack
from omnibench.metrics.training.graded_damage import frozen, gaussian_blur, windows_of
from omnibench.metrics.training.record import options, save_network, write_card


def track(seed: int, frames: int = 150) -> DrawnTrack:
    rng = np.random.default_rng(seed)
    return DrawnTrack(
        dialogue=f"d{seed}",
        person=f"p{seed}",
        lips=rng.integers(0, 256, (frames, 48, 48), dtype=np.uint8),
        pictures=rng.integers(0, 256, (frames // 2, 64, 64, 3), dtype=np.uint8),
        face=rng.normal(0.0, 0.1, (frames, 64)).astype(np.float32),
        audio=rng.normal(0.0, 0.1, frames * 640).astype(np.float32),
    )


TRACKS = [track(seed) for seed in range(8)]


def same(left: torch.nn.Module, right: torch.nn.Module) -> bool:
    ours, theirs = left.state_dict(), right.state_dict()
    return all(torch.equal(ours[name], theirs[name]) for name in ours)


def rows(folder: Path) -> list[list[str]]:
    return [line.split(",") for line in (folder / "losses.csv").read_text().splitlines()]


def test_the_same_seed_trains_the_same_syncnet(tmp_path: Path) -> None:
    tracks = [syncnet_mini.prepared(item) for item in TRACKS]
    first, again = (syncnet_mini.train(tracks, tracks[:1], tmp_path, steps=2, seed=5) for _ in range(2))
    assert same(first, again)
    assert not same(first, random_twin(5))
    table = rows(tmp_path)
    assert table[0] == ["step", "loss", "area", "windows", "clips"]
    assert [row[0] for row in table[1:]] == ["1", "2"]
    assert 0.0 <= float(table[2][2]) <= 1.0


def test_the_same_seed_trains_the_same_video_network(tmp_path: Path) -> None:
    first, again = (video_mini.train(TRACKS[:2], tmp_path, steps=2, seed=5) for _ in range(2))
    assert same(first, again)
    assert [len(row) for row in rows(tmp_path)] == [5, 5, 5]


def test_the_contrast_is_least_where_lips_and_voice_agree() -> None:
    sound = torch.nn.functional.normalize(torch.randn(2, 34, 64, generator=torch.Generator().manual_seed(0)), dim=-1)
    speech = torch.ones(2, 4)
    agreeing = syncnet_mini.contrast(sound[:, 15:19], sound, speech)
    late = syncnet_mini.contrast(sound[:, 18:22], sound, speech)
    assert float(agreeing) < 0.1
    assert float(late) > 5


def test_only_speech_counts_in_the_contrast() -> None:
    sound = torch.nn.functional.normalize(torch.randn(2, 34, 64, generator=torch.Generator().manual_seed(0)), dim=-1)
    lips = sound[:, 15:19].clone()
    lips[:, 2:] = sound[:, :2]
    speech = torch.tensor([[1.0, 1.0, 0.0, 0.0]]).expand(2, -1)
    assert float(syncnet_mini.contrast(lips, sound, speech)) < 0.1


@pytest.mark.parametrize(
    ("playback", "expected"),
    [
        ("forwards", range(5, 21)),
        ("backwards", range(20, 4, -1)),
        ("slow", np.repeat(range(5, 13), 2)),
        ("fast", range(5, 37, 2)),
    ],
)
def test_a_window_is_played_as_it_is_called(playback: str, expected: Sequence[int]) -> None:
    order = video_mini.order_of(playback, 5, np.random.default_rng(0))
    assert order.tolist() == list(expected)


def test_a_frozen_window_stands_still_from_some_picture_on() -> None:
    order = video_mini.order_of("frozen", 0, np.random.default_rng(0))
    assert (np.diff(order) >= 0).all()
    assert order[-1] == order[-2]
    windows = windows_of(TRACKS[0].pictures)
    still = frozen(windows, 1.0)
    assert (still == still[:, :1]).all()
    assert (frozen(windows, 0.5)[:, :8] == windows[:, :8]).all()


def test_a_blur_keeps_one_colour_and_takes_detail() -> None:
    plain: NDArray[np.float32] = np.full((2, 64, 64, 3), 77.0, np.float32)
    np.testing.assert_allclose(gaussian_blur(plain, 2.0), plain, rtol=1e-5)
    busy = TRACKS[0].pictures[:2].astype(np.float32)
    assert gaussian_blur(busy, 2.0).std() < 0.3 * busy.std()


def test_what_is_published_is_what_was_judged(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    network = random_twin(2)
    path = save_network(network, tmp_path / "network.safetensors")
    assert same(from_state(load_file(path)), network)
    asked = options("training", ["--out", str(tmp_path), "--steps", "7"], steps=1, dialogues=2, val_dialogues=3)
    write_card(asked, path, "a test", {"figure": (0.9, 0.5)})
    card = path.with_suffix(".md").read_text()
    assert "--steps 7 --seed 1 --dialogues 2 --val-dialogues 3" in card
    assert "| figure | 0.900 | 0.500 |" in card
