"""Reading files that may be damaged: what is wrong with one, in one sentence, whatever is wrong.

Whoever wrote them, files are cut short, overwritten, edited by hand or made by another program. Each reader returns
what its format promises or raises InputError; nothing else comes out, and no name in a file becomes code.
"""

from __future__ import annotations

import json
import math
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from omnibench.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_INTEGER_BITS: Final = 64
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


class JsonFault(ValueError):
    """What is wrong with a JSON document, in words."""


def parse_json(content: bytes, made: Callable[[list[tuple[str, Any]]], Any] | None = None) -> Any:
    """A JSON document: UTF-8, finite numbers of 64 bits, text that can be written again. Raises JsonFault.

    Args:
        content: of a file.
        made: makes objects of pairs, where that is not `dict`.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JsonFault(f"not UTF-8 text at byte {error.start}") from error
    try:
        found = json.loads(
            text, parse_constant=_no_constant, parse_float=_float, parse_int=_int, object_pairs_hook=made
        )
        if "\\u" in text:
            json.dumps(found, ensure_ascii=False).encode()
    except JsonFault:
        raise
    except json.JSONDecodeError as error:
        raise JsonFault(f"no complete JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise JsonFault("nested too deeply") from error
    except UnicodeEncodeError as error:
        raise JsonFault("half of a character (a lone surrogate) in a string") from error
    return found


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
        raise InputError(f"{path}: {error}; expected a JSON file. {again}") from error


def read_object(path: Path, again: str = "Copy the file again.") -> dict[str, Any]:
    """The content of a JSON file that holds an object. Raises as `read_json`, and for any other value."""
    content = read_json(path, again)
    if not isinstance(content, dict):
        raise InputError(f"{path}: a JSON {type(content).__name__}, expected a JSON object. {again}")
    return content


def read_npy(path: Path, expected: str) -> NDArray[Any]:
    """The array of an ``.npy`` file, mapped and not yet read.

    Args:
        path: the file.
        expected: what should be there, for the message, like ``(T, 64) float32``.

    Raises:
        InputError: it is missing, or no ``.npy`` file of numbers.
    """
    import numpy as np

    try:
        with np.errstate(over="ignore"):  # a header may promise more bytes than can be counted
            found = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; expected {expected}.") from error
    except ARRAY_FAULTS as error:
        raise InputError(f"{path}: not readable as a NumPy array ({reason_of(error)}); expected {expected}.") from error
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
        raise InputError(f"{path}: not readable as .npz ({reason_of(error)}); expected {expected}.") from error
    foreign = [name for name, values in found.items() if not isinstance(values, np.ndarray)]
    if foreign:
        raise InputError(f"{path}: {foreign[0]!r} is no array; expected {expected}.")
    return dict(found)


def reason_of(error: BaseException) -> str:
    """An error's words on one line, or its name where it has none."""
    text = " ".join(str(error.args[0] if error.args else error).split())
    return text[:200] or type(error).__name__


def _no_constant(name: str) -> float:
    raise JsonFault(f"holds {name}, expected finite numbers")


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise JsonFault(f"the number {text[:20]} is too large")
    return value


def _int(text: str) -> int:
    if len(text) > _INTEGER_BITS or (value := int(text)).bit_length() > _INTEGER_BITS:
        raise JsonFault(f"the number {text[:20]} is too large")
    return value
