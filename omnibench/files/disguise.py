"""What a file is that does not hold what its name says: a pointer to it, a web page in its place, a packed one.

Readers ask once they could not read a file, so that the reason is what lies there and not what a parser stumbled over.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

_HEAD: Final = 512
_POINTERS: Final = {
    b"version https://git-lfs.github.com/spec/": "a git-lfs pointer, not the file it stands for: git lfs pull gets it",
    b"version https://hawser.github.com/spec/": "a git-lfs pointer, not the file it stands for: git lfs pull gets it",
    b"/annex/objects/": "a git-annex pointer, not the file it stands for: git annex get gets it",
    b"outs:\n": "a DVC pointer, not the file it stands for: dvc pull gets it",
}
_PAGES: Final = (b"<!doctype html", b"<html", b"<head", b"<?xml", b"<error", b"<!--")
_MAGIC: Final = {
    b"\x1f\x8b": "packed by gzip; unpack it",
    b"BZh": "packed by bzip2; unpack it",
    b"\xfd7zXZ\0": "packed by xz; unpack it",
    b"\x28\xb5\x2f\xfd": "packed by zstd; unpack it",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive; unpack it",
    b"Rar!": "a RAR archive; unpack it",
    b"PK\x03\x04": "a zip archive; unpack it",
    b"PK\x05\x06": "an empty zip archive",
    b"%PDF": "a PDF document",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"RIFF": "a RIFF file (WAV, AVI)",
    b"fLaC": "a FLAC file",
    b"OggS": "an OGG file",
    b"ID3": "an MP3 file",
    b"\xff\xfb": "an MP3 file",
    b"\x93NUMPY": "a NumPy array (.npy)",
    b"\x1aE\xdf\xa3": "a Matroska or WebM file",
    b"\x80\x02": "a Python pickle; nothing is unpickled",
    b"\x80\x03": "a Python pickle; nothing is unpickled",
    b"\x80\x04": "a Python pickle; nothing is unpickled",
    b"\x80\x05": "a Python pickle; nothing is unpickled",
    b"\x89HDF": "an HDF5 file",
}
_AS_NAMED: Final = {
    ".wav": "a RIFF file",
    ".flac": "a FLAC file",
    ".ogg": "an OGG file",
    ".npy": "a NumPy array",
    ".npz": "a zip archive",
    ".mp4": "an MP4 file",
    ".json": "a text",
}
"""By suffix, what is no news."""
_PRINTABLE: Final = frozenset(range(32, 127)) | {9, 10, 13}


def disguise(path: Path) -> str:
    """What a file that cannot be read is, or ``""`` where nothing tells more than its name."""
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError as error:
        return f"not readable ({error.strerror})"
    found = _described(head, size)
    return "" if found.startswith(_AS_NAMED.get(path.suffix.lower(), "-")) else found


def _described(head: bytes, size: int) -> str:
    if not size:
        return "an empty file"
    for mark, what in _POINTERS.items():
        if head.startswith(mark):
            return what
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGES):
        return "a web page (HTML or XML), a login or an error perhaps; get the file itself again"
    for mark, what in _MAGIC.items():
        if head.startswith(mark):
            return what
    if head[4:8] == b"ftyp":
        return "an MP4 file"
    if not any(head):
        return "nothing but zeros at its beginning, as a download that was not finished leaves them"
    if head.lstrip()[:1] in (b"{", b"["):
        return "a text that looks like JSON, an error message perhaps"
    if all(byte in _PRINTABLE for byte in head):
        return "a text"
    return ""
