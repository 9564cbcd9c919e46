"""Lip sync against numbers of the reference implementations; ``regenerate_lse.py`` names them and makes them anew."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import lse_inputs
import numpy as np
import pytest

from omnibench.metrics.lips.lipsync.detection import faces_of
from omnibench.metrics.lips.lipsync.mfcc import mfcc
from omnibench.metrics.lips.lipsync.pixels import resize
from omnibench.metrics.lips.lipsync.scenes import SceneCuts, hue_saturation_value
from omnibench.metrics.lips.lipsync.tracks import tracks_of
from omnibench.metrics.lips.sync_distance import lse, shift_distances

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parent / "lse.json").read_text())


@pytest.mark.parametrize("case", range(len(lse_inputs.EMBEDDINGS)))
def test_distances_of_joonsons_calc_pdist(case: int) -> None:
    found, wanted = (
        lse(shift_distances(*lse_inputs.embeddings(*lse_inputs.EMBEDDINGS[case]))),
        GOLDEN["distances"][case],
    )
    assert found.offset == wanted["offset"]
    assert found.distance == pytest.approx(wanted["distance"], abs=1e-5)
    assert found.confidence == pytest.approx(wanted["confidence"], abs=1e-5)
    assert found.zero == pytest.approx(wanted["zero"], abs=1e-5)


def test_distance_of_equal_embeddings_is_that_of_torchs_epsilon() -> None:
    # Analytic: |eps| * sqrt(d), with eps 1e-6 as documented for torch.nn.functional.pairwise_distance.
    same = np.ones((50, 64))
    assert lse(shift_distances(same, same)).distance == pytest.approx(1e-6 * 8)


@pytest.mark.parametrize("case", range(len(lse_inputs.SOUNDS)))
def test_coefficients_of_python_speech_features(case: int) -> None:
    found = mfcc(lse_inputs.sound(lse_inputs.SOUNDS[case]))
    np.testing.assert_allclose(found, GOLDEN["mfcc"][case], atol=2e-9, rtol=0)


@pytest.mark.parametrize("case", range(len(lse_inputs.PICTURES)))
def test_pictures_of_opencv_to_the_bit(case: int) -> None:
    height, width = lse_inputs.PICTURES[case]
    picture = lse_inputs.picture(height, width)
    assert digest(resize(picture, 224, 224)) == GOLDEN["pictures"]["224"][case]
    quarter = resize(picture, round(width / 4), round(height / 4), step=4.0)
    assert digest(quarter) == GOLDEN["pictures"]["quarter"][case]
    assert digest(hue_saturation_value(picture)) == GOLDEN["pictures"]["hsv"][case]


@pytest.mark.parametrize("case", range(len(lse_inputs.CUTS)))
def test_cuts_of_pyscenedetect(case: int) -> None:
    detector = SceneCuts()
    for picture in lse_inputs.cut_pictures(lse_inputs.CUTS[case]):
        detector.push(picture)
    assert [start for start, _ in detector.scenes()][1:] == GOLDEN["scenes"][case]


def test_tracks_of_joonsons_track_shot() -> None:
    faces = [np.array(boxes) for boxes in lse_inputs.faces()]
    found = [[track.first, len(track.boxes), track.boxes.mean(axis=0)] for track in tracks_of(faces, lse_inputs.SCENES)]
    assert [row[:2] for row in found] == [row[:2] for row in GOLDEN["tracks"]]
    np.testing.assert_allclose([row[2] for row in found], [row[2] for row in GOLDEN["tracks"]], atol=1e-9)


def test_networks_of_syncnet_python_with_the_same_random_weights() -> None:
    import torch

    from omnibench.metrics.lips.s3fd import S3FD
    from omnibench.metrics.lips.syncnet import SyncNet

    torch.manual_seed(0)
    sync = SyncNet().eval()
    torch.manual_seed(0)
    detector = S3FD().eval()
    # The names and shapes that the published files have.
    assert [digest_names(sync), digest_names(detector)] == GOLDEN["networks"]["names"]
    lips, sound, shown = (torch.tensor(part) for part in lse_inputs.network_inputs())
    with torch.inference_mode():
        np.testing.assert_allclose(sync.lips(lips)[0, :8], GOLDEN["networks"]["lips"], atol=1e-5)
        np.testing.assert_allclose(sync.sound(sound)[0, :8], GOLDEN["networks"]["sound"], atol=1e-5)
        scores, boxes = detector(shown)
    best = scores[0].argsort(descending=True)[:1]
    np.testing.assert_allclose(scores[0, best], [GOLDEN["networks"]["faces"][0][0]], atol=1e-5)
    np.testing.assert_allclose(boxes[0, best], [GOLDEN["networks"]["faces"][0][1:]], atol=1e-5)
    assert len(faces_of(scores[0].numpy(), boxes[0].numpy(), 480, 272)) == 0


@pytest.mark.parametrize("threshold", lse_inputs.THRESHOLDS)
def test_faces_of_s3fds_two_suppressions(threshold: float) -> None:
    height, width = lse_inputs.SEEN
    found, wanted = faces_of(*lse_inputs.boxes(), width, height, threshold), GOLDEN["faces"][str(threshold)]
    assert len(found) == len(wanted) > 5
    np.testing.assert_allclose(found, wanted, atol=1e-3)


def digest(picture: Any) -> str:
    return hashlib.sha256(f"{picture.shape}".encode() + picture.tobytes()).hexdigest()[:16]


def digest_names(network: Any) -> str:
    shapes = sorted((name, tuple(values.shape)) for name, values in network.state_dict().items())
    return hashlib.sha256(repr(shapes).encode()).hexdigest()[:16]
