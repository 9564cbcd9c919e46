"""Valid files made invalid, by chance and yet the same again from the same seed."""

from __future__ import annotations

import copy
import io
import json
import random
import struct
import zipfile
from collections.abc import Callable
from typing import Any, Final, Literal

Kind = Literal["bytes", "json", "jsonl", "text", "npy", "npz", "header"]

VALUES: Final = (
    *(None, True, False, 0, 1, -1, 2**31, 2**53, 2**63, -(2**64), 10**30, 0.5, -0.0, 1e-320, 1e308, -1e308),
    *(10**19, -(10**400), 1.5e-9, "\ufeffx", "x\udc00", "\uffff", "\u200b", "cafe\u0301", "1.5", "two\nlines"),
    *("", "x", "NaN", "1e999", "../..", "a\x00b", "\ud800", "é" * 3, "<script>", "a|b || c", "9" * 300),
    *([], {}, [[]], {"": {}}, [None], {"a": [1, {"b": 2}]}),
)
ENCODINGS: Final = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252", "utf-7")
NUMBERS: Final = (b"NaN", b"Infinity", b"-Infinity", b"1e400", b"-1e400", b"1" * 5000, b"0x1", b"01", b"1.", b"--1")
PIECES: Final = (
    *(
        b"",
        b"\0",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"caf\xe9",
        b"\\udc00",
        b"\xed\xa0\x80",
        b"\n",
        b"\r",
        b'"',
        b"\\",
        b"\\ud800",
        b"{",
        b"}",
        b"[" * 200,
        b"(" * 200,
    ),
    *(b",", b":", b"'''", b"#", b"=", b"@", b"||", b"\xe2\x80\xae", b"9" * 30, b"-1", b"%s%n", b"PK\x03\x04", b"RIFF"),
)


def mutated(content: bytes, kind: Kind, rng: random.Random, others: tuple[bytes, ...] = ()) -> bytes:
    """One invalid, or merely strange, file.

    Args:
        content: of a valid file.
        kind: what it is; whatever it is, its bytes may change too.
        rng: what decides.
        others: valid files of the same kind, to splice.
    """
    if kind in ("json", "jsonl", "text") and rng.random() < 0.05:
        content = content.decode("utf-8", "replace").encode(rng.choice(ENCODINGS), "replace")
        return content if rng.random() < 0.5 else _bytes(content, rng, others)
    structured = _STRUCTURED.get(kind)
    if structured is not None and rng.random() < 0.7:
        try:
            content = structured(content, rng)
        except (ValueError, KeyError, IndexError, zipfile.BadZipFile, struct.error):
            return _bytes(content, rng, others)
        if rng.random() < 0.9:
            return content
    return _bytes(content, rng, others)


def _bytes(content: bytes, rng: random.Random, others: tuple[bytes, ...]) -> bytes:
    """A few bytes changed, cut out, put in, doubled, or the rest of another file behind the beginning of this."""
    whole = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 4, 16))):
        place, length = rng.randint(0, len(whole)), rng.choice((1, 1, 2, 4, 16, 256))
        way = rng.randrange(7)
        if way == 0 and whole:
            whole[rng.randrange(len(whole))] ^= 1 << rng.randrange(8)
        elif way == 1:
            del whole[place : place + length]
        elif way == 2:
            whole[place:place] = rng.choice(PIECES)
        elif way == 3:
            whole[place : place + length] = rng.randbytes(length)
        elif way == 4:
            whole[place:place] = whole[place : place + length] * rng.choice((1, 3))
        elif way == 5:
            del whole[place:]
        elif others:
            other = rng.choice(others)
            whole[place:] = other[rng.randint(0, len(other)) :]
    return bytes(whole)


def _json(content: bytes, rng: random.Random) -> bytes:
    document = json.loads(content)
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        document = _changed(document, rng)
    text = json.dumps(document).encode()
    if rng.random() < 0.2:
        places = [i for i, byte in enumerate(text) if byte in b"0123456789"]
        if places:
            place = rng.choice(places)
            text = text[:place] + rng.choice(NUMBERS) + text[place + 1 :]
    return text


def _changed(document: Any, rng: random.Random) -> Any:
    """One place of a document changed: another value, a key gone or new, nested, swapped, or many of it."""
    spots = list(_spots(document))
    if not spots or rng.random() < 0.03:
        return rng.choice((_value(rng), [document], {"a": document}, _nested(rng)))
    holder, key = rng.choice(spots)
    way = rng.randrange(8)
    if way <= 2:
        holder[key] = _value(rng)
    elif way == 3:
        del holder[key]
    elif way == 4:
        other, place = rng.choice(spots)
        holder[key] = json.loads(json.dumps(other[place] if _there(other, place) else None))
    elif way == 5:
        holder[key] = _nested(rng)
    elif way == 6 and isinstance(holder, dict):
        holder[str(rng.choice((*VALUES[16:37], "value", "status", "id", "x" * 300)))] = holder.pop(key)
    else:
        holder[key] = rng.choice(([holder[key]] * 50, {str(i): 1 for i in range(50)}, [holder[key]], str(holder[key])))
    return document


def _value(rng: random.Random) -> Any:
    """One of its own: what is put into a document may be changed there."""
    return copy.deepcopy(rng.choice(VALUES))


def _there(holder: Any, key: Any) -> bool:
    return key in holder if isinstance(holder, dict) else key < len(holder)


def _spots(value: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        found.append((value, key))
        found += _spots(item)
    return found


def _nested(rng: random.Random) -> Any:
    value: Any = rng.choice(VALUES[:15])
    for _ in range(rng.choice((3, 30, 150))):
        value = [value] if rng.random() < 0.5 else {"a": value}
    return value


def _lines(content: bytes, rng: random.Random) -> bytes:
    lines = content.splitlines()
    place = rng.randrange(len(lines))
    way = rng.randrange(6)
    if way < 4:
        lines[place] = _json(lines[place], rng)
    elif way == 4:
        lines[place:place] = [rng.choice((b"", b"{}", b"[]", b"null", lines[0]))]
    else:
        lines[place] = lines[place][: rng.randrange(len(lines[place]) + 1)]
    return b"\n".join(lines) + rng.choice((b"\n", b"\n", b"\n", b""))


def _text(content: bytes, rng: random.Random) -> bytes:
    """Lines and words changed places, values replaced."""
    lines = content.split(b"\n")
    for _ in range(rng.choice((1, 1, 2, 4))):
        place, way = rng.randrange(len(lines)), rng.randrange(5)
        if way == 0:
            lines.insert(place, rng.choice(lines))
        elif way == 1 and len(lines) > 1:
            del lines[place]
        elif way == 2:
            key, equals, _ = lines[place].partition(b"=")
            new = rng.choice(
                (*NUMBERS, b"[]", b"{}", b'""', b"true", b"1979-05-27T07:32:00Z", b"1e308", b"'" * 3, b"-0")
            )
            lines[place] = key + (equals or b" ") + b" " + new
        elif way == 3:
            words = lines[place].split(b" ")
            rng.shuffle(words)
            lines[place] = b" ".join(words)
        else:
            lines[place] = lines[place].replace(rng.choice((b":", b"=", b"|", b".", b"[", b" ")), rng.choice(PIECES), 1)
    return b"\n".join(lines)


def _npy(content: bytes, rng: random.Random) -> bytes:
    """Another header in front of the same numbers."""
    size = struct.unpack("<H", content[8:10])[0]
    header = content[10 : 10 + size].rstrip()
    swaps = (
        *((b"'<f4'", b"'|O'"), (b"'<f4'", b"'<M8[s]'"), (b"'<f4'", b"[('a', '<f4')]"), (b"'<f4'", b"'<U9999999'")),
        *((b"'<f4'", b"''"), (b"'<f4'", b"1"), (b"False", b"True"), (b"False", b"0"), (b"'shape'", b"'shap'")),
        *((b"{", b"("), (b"}", b""), (b"'", b'"""'), (b"(", b"(" * 100), (b"(", b"(-"), (b"(", b"(10**99, ")),
        *((b"(", f"({2**62}, ".encode()), (b",", b""), (b"{", b"{{"), (b"{", b"# {"), (b"{", b"{'a': 1 if 1 else 2, ")),
        *((b"<f4", b">f8"), (b"<f4", b"<f2"), (b"<f4", b"<c8"), (b"<f4", b"|b1"), (b"<f8", b"|O"), (b"<f8", b"|V8")),
    )
    for _ in range(rng.choice((1, 1, 2))):
        header = header.replace(*rng.choice(swaps), 1)
    if rng.random() < 0.2:
        header = _bytes(header, rng, ())
    header = header[:60_000] + b"\n"
    version = rng.choice((b"\x01\x00",) * 6 + (b"\x02\x00", b"\x03\x00", b"\x09\x00"))
    return content[:6] + version + struct.pack("<H", len(header)) + header + content[10 + size :]


def _npz(content: bytes, rng: random.Random) -> bytes:
    """An archive with a member changed, under another name, doubled, or in another way of compression."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(out, "w") as after:
        names = before.namelist()
        chosen, way = rng.choice(names), rng.randrange(5)
        for name in names:
            inside = before.read(name)
            if name == chosen and way < 2:
                inside = _npy(inside, rng) if way == 0 else _bytes(inside, rng, ())
            new = rng.choice(("x.npy", "a/b", "../x.npy", "é.npy", "x")) if name == chosen and way == 2 else name
            after.writestr(new, inside, rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)))
    whole = bytearray(out.getvalue())
    if way == 3:  # fields of the directory: method, flags, sizes
        place = whole.index(b"PK\x01\x02") + rng.choice((8, 10, 16, 20, 24, 28, 42))
        whole[place : place + 2] = rng.choice((b"\x63\x00", b"\x01\x00", b"\xff\xff", b"\x00\x80", rng.randbytes(2)))
    return bytes(whole)


def _header(content: bytes, rng: random.Random) -> bytes:
    """A JSON header behind its length in 8 bytes, as safetensors and a model's process have it."""
    (length,) = struct.unpack_from("<Q", content)
    header = _json(content[8 : 8 + length], rng)
    stated = rng.choice((len(header),) * 9 + (rng.choice((0, 1, 2**62, len(content) + 1, len(header) - 1)),))
    return struct.pack("<Q", max(stated, 0)) + header + content[8 + length :]


_STRUCTURED: Final[dict[Kind, Callable[[bytes, random.Random], bytes]]] = {
    "json": _json,
    "jsonl": _lines,
    "text": _text,
    "npy": _npy,
    "npz": _npz,
    "header": _header,
}
