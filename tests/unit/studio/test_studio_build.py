"""The builder: what compact files keep, and that a data set built from two scripts reads back as a data set."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from omnibench.datasets.responsenet import ResponseNetFolder
from omnibench.datasets.tracks import open_vector
from omnibench.studio.build import build
from omnibench.studio.recipe import MINI
from omnibench.studio.writing import compact, write_audio, write_vector


@given(st.integers(0, 2**31))
def test_compact_is_exact_in_float16_and_near_the_original(seed: int) -> None:
    rng = np.random.default_rng(seed)
    face = np.concatenate([rng.random((20, 52)), rng.uniform(-1, 1, (20, 12))], axis=1).astype(np.float32)
    face[:, [55, 59, 63]] *= 60
    rounded = compact(face)
    np.testing.assert_array_equal(rounded.astype(np.float16).astype(np.float32), rounded)
    error = np.abs(rounded - face)
    assert error[:, :52].max() <= 0.5 / 256 + 1e-6
    assert error[:, [52, 53, 54, 56, 57, 58, 60, 61, 62]].max() <= 0.5 / 2048 + 1e-6
    assert error[:, [55, 59, 63]].max() <= 0.5 / 32 + 1e-5


def test_vectors_read_back_exactly(tmp_path: Path) -> None:
    face = compact(np.random.default_rng(0).random((30, 64)).astype(np.float32))
    for name in ("a.npz", "a.npy"):
        path = write_vector(tmp_path / name, face)
        np.testing.assert_array_equal(np.asarray(open_vector(path), np.float32), face)


def test_opus_keeps_length_and_time(tmp_path: Path) -> None:
    """No encoder delay: a click stays where it was, the track has its samples."""
    audio = np.zeros(32000, np.int16)
    tone = 8000 * np.sin(2 * np.pi * 300 * np.arange(8000) / 16000) * np.hanning(8000)
    audio[12000:20000] = tone.astype(np.int16)
    heard, rate = soundfile.read(write_audio(tmp_path / "a.ogg", audio))
    assert (rate, len(heard)) == (16000, 32000)
    shifts = range(-40, 41)
    fits = [np.dot(np.roll(heard, k), audio.astype(float)) for k in shifts]
    assert shifts[int(np.argmax(fits))] == 0
    np.testing.assert_array_equal(soundfile.read(write_audio(tmp_path / "a.flac", audio), dtype="int16")[0], audio)


@pytest.mark.needs("studio")
def test_a_small_data_set_builds_and_reads(tmp_path: Path) -> None:
    for split, words in (("train", "Good morning. How are you?"), ("test", "I am so glad.")):
        folder = tmp_path / "scripts" / split
        folder.mkdir(parents=True)
        text = f"== {split}-a | talk | happy\nS +0.3: {words}\nL +0.3: Good, thank you.\n"
        folder.joinpath("talk.txt").write_text(text, encoding="utf-8")
    out = tmp_path / "data"
    stale = out / "train" / "text" / "speaker" / "mini-0999.json"
    stale.parent.mkdir(parents=True)
    stale.write_text("{}", encoding="utf-8")
    recipe = replace(MINI, scripts=tmp_path / "scripts")
    built = build(recipe, out, ("train", "test"), workers=1, video=False)
    assert built == {"train": 1, "test": 1}
    assert not stale.exists()

    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["name"], manifest["version"]) == ("mini", "mini-v1")
    for split in ("train", "test"):
        for name, digest in manifest["splits"][split][0]["sha256"].items():
            assert hashlib.sha256((out / split / name).read_bytes()).hexdigest() == digest
    data = ResponseNetFolder(out)
    for split, dialogue_id in (("train", "mini-0001"), ("test", "mini-2001")):
        (entry,) = manifest["splits"][split]
        dialogue = data.dialogue(split, dialogue_id)
        assert str(dialogue.fps) == entry["fps"]
        assert dialogue.frames == entry["frames"] == round(entry["duration"] * dialogue.fps)
        assert len(dialogue.speaker.audio()) == round(entry["duration"] * 16000)
        assert dialogue.listener.text == "Good, thank you."
        assert dialogue.identities == entry["persons"]
        assert dialogue.listener.words[-1].end < entry["duration"]
    data.close()
