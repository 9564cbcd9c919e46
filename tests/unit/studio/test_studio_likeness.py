"""Likeness of voices: the equal error rate by hand, and the real encoder on mini's recordings."""

from __future__ import annotations

import numpy as np
import pytest

from omnibench.datasets.opening import load_dataset
from omnibench.datasets.voice import spoken
from omnibench.studio.likeness import embedding, equal_error_rate, nearest, trials


def test_the_equal_error_rate_of_scores_known_by_hand() -> None:
    apart = np.array([0.9, 0.8]), np.array([0.3, 0.2, 0.1])
    assert equal_error_rate(*apart) == 0.0
    assert equal_error_rate(*apart[::-1]) == 1.0
    one_of_four = np.array([0.9, 0.8, 0.7, 0.3]), np.array([0.4, 0.2, 0.1, 0.0])
    assert equal_error_rate(*one_of_four) == 0.25


def test_trials_and_the_nearest_of_three_people() -> None:
    east, north = np.eye(2, dtype=np.float32)
    heard = {"a": np.stack([east, east]), "b": north[None], "c": (east + 2 * north)[None] / np.sqrt(np.float32(5))}
    same, other = trials(heard)
    np.testing.assert_allclose(same, [1.0])
    np.testing.assert_allclose(np.sort(other), [0, 0, 0.4472, 0.4472, 0.8944], atol=1e-4)
    assert [(row.person, row.other, row.likeness) for row in nearest(heard)] == [
        ("a", "c", 0.4472),
        ("b", "c", 0.8944),
        ("c", "b", 0.8944),
    ]


@pytest.mark.needs("readback")
def test_the_encoder_knows_a_person_of_mini_again() -> None:
    mini = load_dataset("mini")
    heard: dict[str, list[np.ndarray]] = {}
    for dialogue in mini.dialogues("val"):
        person, track = dialogue.identities["speaker"], dialogue.speaker
        if len(heard.setdefault(person, [])) < 2 and track.words:
            heard[person].append(embedding(spoken(track, dialogue.sample_rate, 4.0), dialogue.sample_rate))
        if sum(len(own) == 2 for own in heard.values()) == 2:
            break
    pairs = {person: np.stack(own) for person, own in heard.items() if len(own) == 2}
    assert all(own.shape == (2, 256) for own in pairs.values())
    same, other = trials(pairs)
    assert same.min() > other.max() + 0.1
