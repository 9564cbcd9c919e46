"""Writes ``lse.json``: what the reference implementations make of inputs that a formula defines.

References: joonson/syncnet_python @6efbb1c (its ``track_shot``), syncnet-python 0.2.3 (networks, ``calc_pdist``),
python_speech_features 0.6, opencv-python-headless 4.14.0, scenedetect 0.6.7. Run in an environment of their own:

    pip install torch==2.13.0 scipy pandas future python_speech_features==0.6 opencv-python-headless==4.14.0.94 \\
        scenedetect==0.6.7
    pip install --no-deps syncnet-python==0.2.3 ffmpeg-python==0.2.0
    python tests/golden/regenerate_lse.py CHECKOUT_OF_JOONSON_SYNCNET_PYTHON
"""

from __future__ import annotations

import hashlib
import json
import sys
import types
from pathlib import Path
from typing import Any

import lse_inputs
import numpy as np


def main(checkout: Path) -> None:
    stub = types.ModuleType("torchvision")
    stub.transforms = types.ModuleType("torchvision.transforms")  # type: ignore[attr-defined]
    sys.modules["torchvision"] = stub
    golden = {
        "distances": distances(),
        "mfcc": mfcc(),
        "pictures": pictures(),
        "scenes": scenes(),
        "tracks": tracks(checkout),
        "networks": networks(),
        "faces": faces(),
    }
    (Path(__file__).parent / "lse.json").write_text(json.dumps(golden, indent=1) + "\n")


def distances() -> list[dict[str, float]]:
    import torch
    from syncnet_python.SyncNetInstance import calc_pdist

    rows = []
    for case in lse_inputs.EMBEDDINGS:
        video, audio = lse_inputs.embeddings(*case)
        mean = torch.stack(calc_pdist(torch.tensor(video), torch.tensor(audio), vshift=15), 1).mean(1)
        least, index = mean.min(0)
        confidence = torch.median(mean) - least
        rows.append(
            {
                "distance": least.item(),
                "confidence": confidence.item(),
                "offset": 15 - index.item(),
                "zero": mean[15].item(),
            }
        )
    return rows


def mfcc() -> list[list[list[float]]]:
    import python_speech_features

    return [python_speech_features.mfcc(lse_inputs.sound(n), 16000).round(9).tolist() for n in lse_inputs.SOUNDS]


def pictures() -> dict[str, list[str]]:
    import cv2

    found: dict[str, list[str]] = {"224": [], "quarter": [], "hsv": []}
    for height, width in lse_inputs.PICTURES:
        picture = lse_inputs.picture(height, width)
        found["224"].append(digest(cv2.resize(picture, (224, 224))))
        found["quarter"].append(digest(cv2.resize(picture, (0, 0), fx=0.25, fy=0.25)))
        found["hsv"].append(digest(cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)))
    return found


def scenes() -> list[list[int]]:
    from scenedetect import ContentDetector

    found = []
    for cuts in lse_inputs.CUTS:
        detector = ContentDetector()
        frames = lse_inputs.cut_pictures(cuts)
        found.append(
            [cut for n, f in enumerate(frames) for cut in detector.process_frame(n, f[..., ::-1].copy())],
        )
    return found


def tracks(checkout: Path) -> list[list[Any]]:
    from scipy.interpolate import interp1d

    source = (checkout / "run_pipeline.py").read_text()
    part = source[source.index("def bb_intersection_over_union") : source.index("# # VIDEO CROP AND SAVE")]
    scope: dict[str, Any] = {"np": np, "interp1d": interp1d}
    exec(part, scope)  # noqa: S102
    options = types.SimpleNamespace(num_failed_det=25, min_track=100, min_face_size=100)
    faces = [[{"frame": n, "bbox": list(box)} for box in boxes] for n, boxes in enumerate(lse_inputs.faces())]
    found = []
    for start, stop in lse_inputs.SCENES:
        if stop - start >= options.min_track:
            found += scope["track_shot"](options, faces[start:stop])
    return [[int(t["frame"][0]), len(t["frame"]), t["bbox"].mean(axis=0).tolist()] for t in found]


def networks() -> dict[str, Any]:
    import torch
    from syncnet_python.detectors.s3fd.nets import S3FDNet
    from syncnet_python.SyncNetModel import S

    torch.manual_seed(0)
    sync = S().eval()
    torch.manual_seed(0)
    detector = S3FDNet(device="cpu").eval()
    lips, sound, shown = (torch.tensor(part) for part in lse_inputs.network_inputs())
    with torch.no_grad():
        best = detector(shown)[0, 1, :3]
        return {
            "names": [digest_names(sync), digest_names(detector)],
            "lips": sync.forward_lip(lips)[0, :8].tolist(),
            "sound": sync.forward_aud(sound)[0, :8].tolist(),
            "faces": best.tolist(),
        }


def faces() -> dict[str, list[list[float]]]:
    """What both suppressions leave of boxes, and in which order, by threshold."""
    import torch
    from syncnet_python.detectors.s3fd import S3FD
    from syncnet_python.detectors.s3fd.box_utils import Detect

    scores, boxes = (torch.tensor(part) for part in lse_inputs.boxes())
    # Boxes that are their own anchors: centre and size, and nothing moved.
    anchors = torch.cat([(boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]], 1)
    output = Detect().forward(torch.zeros(1, len(boxes), 4), torch.stack([1 - scores, scores], 1)[None], anchors)
    net = torch.nn.Module()
    net.forward = lambda shown: output  # type: ignore[method-assign]
    picture, detector = np.zeros((*lse_inputs.SEEN, 3), np.uint8), S3FD(net, device="cpu")
    return {
        str(threshold): detector.detect_faces(picture, conf_th=threshold, scales=[0.25]).round(4).tolist()
        for threshold in lse_inputs.THRESHOLDS
    }


def digest(picture: Any) -> str:
    return hashlib.sha256(f"{picture.shape}".encode() + picture.tobytes()).hexdigest()[:16]


def digest_names(network: Any) -> str:
    shapes = sorted((name, tuple(values.shape)) for name, values in network.state_dict().items())
    return hashlib.sha256(repr(shapes).encode()).hexdigest()[:16]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
