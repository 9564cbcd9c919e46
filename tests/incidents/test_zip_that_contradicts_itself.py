"""The end record of an upload promised 65,535 files, its directory listed 29, and the upload was accepted: Python's
reader counts the directory and never looks at the number. Another reader stops at another place, so one archive has two
contents. Whatever two records of an archive say of the same thing has to be the same.
"""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from leaderboard.archive.zip_structure import ZipFault, read_members

FILES = {"text/a.json": b'{"text": ""}' * 20, "audio/a.wav": bytes(range(256)) * 4, "empty": b""}
# By name: offset in the record and length. What no other record repeats (rights, internal attributes) is left out.
END = {"disk": (4, 2), "first disk": (6, 2), "files here": (8, 2), "files": (10, 2), "length": (12, 4),
       "offset": (16, 4), "comment": (20, 2)}  # fmt: skip
CENTRAL = {"signature": (0, 4), "flags": (8, 2), "method": (10, 2), "time": (12, 2), "date": (14, 2), "crc": (16, 4),
           "packed": (20, 4), "unpacked": (24, 4), "name length": (28, 2), "extra length": (30, 2), "comment": (32, 2),
           "disk": (34, 2), "offset": (42, 4), "name": (46, 1)}  # fmt: skip
LOCAL = {"signature": (0, 4), "version": (4, 2), "flags": (6, 2), "method": (8, 2), "time": (10, 2), "date": (12, 2),
         "crc": (14, 4), "packed": (18, 4), "unpacked": (22, 4), "name length": (26, 2), "extra length": (28, 2),
         "name": (30, 1)}  # fmt: skip
END64 = {"size": (4, 8), "disk": (16, 4), "first disk": (20, 4), "files here": (24, 8), "files": (32, 8),
         "length": (40, 8), "offset": (48, 8)}  # fmt: skip
LOCATOR = {"disk": (4, 4), "offset": (8, 8), "disks": (16, 4)}


class OneWay(io.RawIOBase):
    """A pipe: the sizes of a file are known only behind it."""

    def __init__(self) -> None:
        self.content = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, content: object) -> int:
        self.content += bytes(content)  # type: ignore[call-overload]
        return len(bytes(content))  # type: ignore[call-overload]


def usual(zip64: bool = False) -> bytes:
    buffer = io.BytesIO()
    _fill(buffer, zip64)
    return buffer.getvalue()


def streamed(zip64: bool = False) -> bytes:
    pipe = OneWay()
    _fill(pipe, zip64)
    return bytes(pipe.content)


def with_zip64_end() -> bytes:
    """The same archive, with the numbers of the end record in a ZIP64 record as well, and full in the short one."""
    content = usual()
    *_, here, count, length, offset, _ = struct.unpack("<4sHHHHIIH", content[-22:])
    at = len(content) - 22
    record = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, here, count, length, offset)
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, at, 1)
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return content[:at] + record + locator + end


def _fill(target: object, zip64: bool) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for name, content in FILES.items():
            with archive.open(name, "w", force_zip64=zip64) as output:
                output.write(content)


HONEST: dict[str, Callable[[], bytes]] = {
    "usual": usual,
    "usual, with ZIP64 sizes": lambda: usual(zip64=True),
    "streamed": streamed,
    "streamed, with ZIP64 sizes": lambda: streamed(zip64=True),
    "with a ZIP64 end": with_zip64_end,
}


def refused(content: bytes) -> str:
    """What is wrong with an archive, ``""`` where nothing is."""
    try:
        _, problems = read_members(io.BytesIO(content), len(content), 100)
    except ZipFault as fault:
        return str(fault)
    return "; ".join(map(str, problems))


def changed(content: bytes, at: int, length: int) -> bytes:
    return content[:at] + bytes(byte ^ 0x55 for byte in content[at : at + length]) + content[at + length :]


@pytest.mark.parametrize("make", HONEST.values(), ids=HONEST)
def test_an_archive_that_agrees_with_itself_is_read(make: Callable[[], bytes]) -> None:
    content = make()
    assert refused(content) == ""
    members, _ = read_members(io.BytesIO(content), len(content), 100)
    assert {member.name: member.unpacked for member in members} == {name: len(file) for name, file in FILES.items()}
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None


def test_an_archive_of_info_zip_is_read(tmp_path: Path) -> None:
    program = shutil.which("zip")
    if program is None:
        pytest.skip("Info-ZIP's zip is not installed")
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    for number, flags in enumerate(("-qr", "-qrfd")):
        subprocess.run([program, flags, f"{number}.zip", "text", *FILES], cwd=tmp_path, check=True)
        assert refused((tmp_path / f"{number}.zip").read_bytes()) == ""


@pytest.mark.parametrize("field", END)
@pytest.mark.parametrize("make", HONEST.values(), ids=HONEST)
def test_the_end_record_is_believed_in_nothing_alone(make: Callable[[], bytes], field: str) -> None:
    content = make()
    at, length = END[field]
    assert refused(changed(content, len(content) - 22 + at, length))


def test_an_end_record_that_promises_65535_files() -> None:
    content = usual()
    full = b"\xff\xff" * 2
    assert "promises 65535 files" in refused(content[:-14] + full + content[-10:])


@pytest.mark.parametrize("number", range(len(FILES)))
@pytest.mark.parametrize("field", [*CENTRAL, *(f"local {name}" for name in LOCAL)])
@pytest.mark.parametrize("make", HONEST.values(), ids=HONEST)
def test_directory_and_local_headers_agree_in_every_field(make: Callable[[], bytes], field: str, number: int) -> None:
    content = make()
    local = field.startswith("local ")
    at = [n for n in range(len(content)) if content.startswith(b"PK\x03\x04" if local else b"PK\x01\x02", n)][number]
    within, length = LOCAL[field.removeprefix("local ")] if local else CENTRAL[field]
    assert refused(changed(content, at + within, length))


@pytest.mark.parametrize(("mark", "fields"), [(b"PK\x06\x06", END64), (b"PK\x06\x07", LOCATOR)], ids=["end", "locator"])
def test_the_records_of_zip64_agree_with_the_others(mark: bytes, fields: dict[str, tuple[int, int]]) -> None:
    content = with_zip64_end()
    at = content.index(mark)
    for within, length in fields.values():
        assert refused(changed(content, at + within, length))


def test_a_descriptor_that_says_something_else() -> None:
    content = streamed()
    at = content.index(b"PK\x07\x08")
    for within, length in ((0, 4), (4, 4), (8, 4), (12, 4)):
        assert refused(changed(content, at + within, length))


def test_a_second_name_in_an_extra_field() -> None:
    """Newer Pythons take the name of Info-ZIP's Unicode field, older ones the other."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        member = zipfile.ZipInfo("text/a.json")
        member.extra = struct.pack("<HHBI", 0x7075, 10, 1, 0) + b"b.jso"
        archive.writestr(member, b"{}")
    assert "two names" in refused(buffer.getvalue())


@pytest.mark.parametrize("gap", [1, 12, 16, 20, 24, 76])
def test_no_byte_stands_between_files_and_directory_or_directory_and_end(gap: int) -> None:
    content = usual()
    start = struct.unpack("<I", content[-6:-2])[0]
    moved = content[:-6] + struct.pack("<I", start + gap) + content[-2:]
    assert refused(moved[:start] + bytes(gap) + moved[start:])
    assert refused(content[:-22] + bytes(gap) + content[-22:])
