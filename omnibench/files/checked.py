"""Reading files that may be damaged: what is wrong with one, in one sentence, whatever is wrong.

Whoever wrote them, files are cut short, overwritten, edited by hand or made by another program. Each reader returns
what its format promises or raises InputError; nothing else comes out, and no name in a file becomes code.
"""

from __future__ import annotations

import errno
import json
import math
import re
import tokenize
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from omnibench.errors import InputError
from omnibench.files.decoding import INTEGER_BITS, TextFault, decoded_json
from omnibench.files.disguise import disguise
from omnibench.files.faults import shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_DEPTH: Final = 100
_EDIT: Final = "Mend the program that writes it, or edit the file."
_HALF: Final = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_NO_BRACKETS: Final = re.compile(r'"(?:[^"\\]|\\.)*+"|[^"\[\]{}]++')
ARRAY_FAULTS: Final = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    EOFError,
    OverflowError,
    MemoryError,
    RecursionError,
    NotImplementedError,
    RuntimeError,
    AttributeError,
    SyntaxError,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What numpy and zipfile raise on damaged files: the header of an .npy is a Python literal to them."""

NO_MAPS: Final = (errno.ENODEV, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)
"""What some FUSE and 9p file systems answer to a map of a file."""


class JsonFault(TextFault):
    """What is wrong with a JSON document, in words, with its field where one is at fault."""


@dataclass(frozen=True, slots=True)
class _Odd:
    """Stands in a document for a number that none of ours holds."""

    fault: str


def parse_json(content: bytes, most_depth: int = MOST_DEPTH) -> Any:
    """A JSON document: finite numbers of 64 bits, text that can be written again, no key twice, not too deep.

    Args:
        content: of a file, decoded as `omnibench.files.decoding` does.
        most_depth: of lists and objects in one another.

    Raises:
        JsonFault: with the field.
    """
    odd: list[_Odd] = []

    def marked(fault: str) -> _Odd:
        odd.append(_Odd(fault))
        return odd[-1]

    def integer(text: str) -> Any:
        value = int(text) if len(text) <= INTEGER_BITS else None
        return marked(_large(text)) if value is None or value.bit_length() > INTEGER_BITS else value

    def real(text: str) -> Any:
        return float(text) if math.isfinite(float(text)) else marked(_large(text))

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            twice = next(key for place, (key, _) in enumerate(pairs) if key in dict(pairs[:place]))
            raise JsonFault(f"the key {json.dumps(twice)} is there twice in one object", _EDIT)
        return found

    try:
        text = decoded_json(content)
        if not text.strip():
            raise JsonFault("empty: no complete JSON")
        _check_depth(text, most_depth)
        found = json.loads(
            text,
            parse_constant=lambda name: marked(f"holds {name}, expected finite numbers"),
            parse_float=real,
            parse_int=integer,
            object_pairs_hook=unique,
        )
    except JsonFault:
        raise
    except TextFault as error:
        raise JsonFault(str(error), error.cure) from error
    except json.JSONDecodeError as error:
        raise JsonFault(f"no complete JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
    if odd or _HALF.search(text):
        fault = next(_odd_fields(found), None)
        if fault is not None:
            raise fault
    return found


def _large(text: str) -> str:
    return f"the number {text[:20]}{'…' if len(text) > 20 else ''} is too large"


def _odd_fields(value: Any, where: str = "") -> Iterator[JsonFault]:
    """What no document of ours may hold, each with its place."""
    field = f'field "{shown(where)}": ' if where else ""
    if isinstance(value, _Odd):
        yield JsonFault(f"{field}{value.fault}", _EDIT)
    elif isinstance(value, str):
        half = _SURROGATE.search(value)
        if half is not None:
            code = f"U+{ord(half.group()):04X}"
            yield JsonFault(
                f"{field}half of a character (a lone surrogate, {code}) at character {half.start() + 1}, which UTF-8 "
                f"cannot hold; a text that was cut inside an emoji, say",
                "Write the whole character, or leave it out.",
            )
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _odd_fields(key, f"{where} (a key)" if where else "(a key)")
            yield from _odd_fields(item, f"{where}.{key}" if where else key)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _odd_fields(item, f"{where}[{number}]")


def _check_depth(text: str, most: int) -> None:
    # The parser recurses, and so does whoever shows a value, so depth is counted before; brackets in strings are none.
    if text.count("[") + text.count("{") <= most:
        return
    depth = 0
    for character in _NO_BRACKETS.sub("", text):
        depth += (character in "[{") - (character in "]}")
        if depth > most:
            raise JsonFault(f"nested too deeply, deeper than {most} levels")


def read_bytes(path: Path, again: str) -> bytes:
    """A file's content. Raises InputError, with what to do about it (``again``), where there is no readable file."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file. {again}") from error
    except OSError as error:
        raise InputError(f"{path}: not readable ({error.strerror or error}). {again}") from error


def read_json(path: Path, again: str = "Copy the file again.") -> Any:
    """The content of a JSON file.

    Args:
        path: the file.
        again: what to do about a damaged one, a sentence.

    Raises:
        InputError: it is missing, no file, cut short, not UTF-8, or holds what no JSON file of ours does.
    """
    try:
        return parse_json(read_bytes(path, again))
    except JsonFault as error:
        found = disguise(path)
        what = f" ({found})" if found else ""
        told = f"{error}. {error.cure}" if error.cure and not found else f"{error}{what}; expected a JSON file. {again}"
        raise InputError(f"{path}: {told}") from error


def read_object(path: Path, again: str = "Copy the file again.") -> dict[str, Any]:
    """The content of a JSON file that holds an object. Raises as `read_json`, and for any other value."""
    content = read_json(path, again)
    if not isinstance(content, dict):
        kind = {list: "list", str: "string", bool: "true or false", type(None): "null"}.get(type(content), "number")
        raise InputError(f"{path}: holds a JSON {kind}, expected a JSON object. {again}")
    return content


def read_npy(path: Path, expected: str) -> NDArray[Any]:
    """The array of an ``.npy`` file, mapped and not yet read; read at once where the file system has no maps.

    Args:
        path: the file.
        expected: what should be there, for the message, like ``(T, 64) float32``.

    Raises:
        InputError: it is missing, or no ``.npy`` file of numbers.
    """
    import numpy as np

    try:
        with np.errstate(over="ignore"):  # a header may promise more bytes than can be counted
            try:
                found = np.load(path, mmap_mode="r", allow_pickle=False)
            except OSError as error:
                if error.errno not in NO_MAPS:
                    raise
                found = np.load(path, allow_pickle=False)
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; expected {expected}.") from error
    except ARRAY_FAULTS as error:
        what = disguise(path) or reason_of(error)
        raise InputError(f"{path}: not readable as a NumPy array ({what}); expected {expected}.") from error
    if not isinstance(found, np.ndarray):
        found.close()
        raise InputError(f"{path}: an .npz archive, expected an .npy file: {expected}.")
    return found


def read_npz(path: Path, expected: str) -> dict[str, NDArray[Any]]:
    """The arrays of an ``.npz`` file by name. Arguments and errors as of `read_npy`."""
    import numpy as np

    try:
        # Opened here, since numpy leaves the file open where the archive is damaged.
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            if isinstance(stored, np.ndarray):
                raise ValueError("a single array")
            found: Mapping[str, Any] = {name: stored[name] for name in stored.files}
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; expected {expected}.") from error
    except ARRAY_FAULTS as error:
        what = disguise(path) or reason_of(error)
        raise InputError(f"{path}: not readable as .npz ({what}); expected {expected}.") from error
    foreign = [name for name, values in found.items() if not isinstance(values, np.ndarray)]
    if foreign:
        raise InputError(f"{path}: {foreign[0]!r} is no array; expected {expected}.")
    return dict(found)


def reason_of(error: BaseException) -> str:
    """An error's words on one line, or its name where it has none."""
    said = error.strerror if isinstance(error, OSError) and error.strerror else error.args[0] if error.args else error
    text = " ".join(str(said).split())
    return text[:200] or type(error).__name__
