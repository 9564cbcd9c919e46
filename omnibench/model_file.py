"""A model of one's own, ``path/to/file.py:Class``: imported with the modules beside it, its mistakes told by line."""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Final

from omnibench.errors import InputError, MissingError, OmnibenchError, UsageError, text_of
from omnibench.files.decoding import TextFault, decoded
from omnibench.system.places import expanded

EXPECTED: Final = "--model expects a name of `omnibench models`, or path/to/file.py:Class"
_OWN: Final[dict[Path, set[str]]] = {}


def is_model_file(name: str) -> bool:
    """Whether ``--model`` means a file: ``listener.py:Mine``, or what was meant as one: ``listener.py``, ``a/b``."""
    return ".py:" in name or name.endswith(".py") or "/" in name or "\\" in name or Path(name).is_file()


def load_class(spec: str) -> tuple[Path, Any]:
    """The file and the class that ``path/to/file.py:Class`` names, imported.

    The file's folder is on the path after everything else, so that the modules beside it can be imported.

    Raises:
        UsageError: no class is named.
        MissingError: the file imports a package that is not installed.
        InputError: no such file or class, or the file cannot be imported; the message begins with file and line.
    """
    path_text, _, class_name = spec.rpartition(":") if ".py:" in spec else (spec, "", "")
    path = expanded(path_text)
    if not path.is_file():
        raise InputError(f"{path}: no such file; {EXPECTED}.")
    module = _imported(path)
    if not class_name:
        choice = " or ".join(f"{path_text}:{name}" for name in _classes(module, with_card=True)) or f"{path_text}:Class"
        raise UsageError(f"{path}: add the class, --model {choice}.")
    found = getattr(module, class_name, None)
    if found is None:
        known = ", ".join(_classes(module)) or "no class"
        raise InputError(f'{path}: no class "{class_name}"; it defines: {known}.')
    if not callable(found):
        raise InputError(f'{path}: "{class_name}" is no class but a value ({type(found).__name__}); name its class.')
    return path, found


def build(path: Path, factory: Any, settings: Mapping[str, Any]) -> Any:
    """``factory(**settings)``, its own mistakes told by line.

    Raises:
        UsageError: settings that its constructor does not take, or needs and did not get.
        MissingError, InputError: as `load_class`.
    """
    try:
        inspect.signature(factory).bind(**settings)
    except TypeError as error:
        raise UsageError(
            f"{path}:{factory.__name__}: could not be built (TypeError: {error}). Its settings are "
            f"{inspect.signature(factory)}; give them with --set name=value, or --config."
        ) from error
    except ValueError:  # no signature to be had, of a class written in C
        pass
    with _told_by_line(path):
        return factory(**settings)


def source_hash(path: Path) -> str:
    """Hex sha256 of a model file; with the modules beside it that it imported, over the hashes of all of them."""
    hashes = [hashlib.sha256(file.read_bytes()).hexdigest() for file in source_files(path)]
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def source_files(path: Path) -> list[Path]:
    """A model file that was imported, and the modules beside it that it imported in turn."""
    return [path, *sorted(Path(str(sys.modules[name].__file__)) for name in _OWN.get(path.resolve(), ()))]


def _imported(path: Path) -> ModuleType:
    name = f"omnibench_user_model_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path}: no Python file; {EXPECTED}.")
    folder = path.resolve().parent
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    module, before = importlib.util.module_from_spec(spec), set(sys.modules)
    sys.modules[name] = module
    try:
        with _told_by_line(path):
            spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    own = {n for n in set(sys.modules) - before - {name} if _lies_beside(n, folder)}
    _OWN.setdefault(path.resolve(), set()).update(own)
    return module


def _lies_beside(name: str, folder: Path) -> bool:
    """Whether an imported module is a file of ``folder`` or part of a package there, not of an environment below."""
    file = getattr(sys.modules[name], "__file__", None)
    depth = name.count(".") + (Path(file or "").name == "__init__.py")
    return file is not None and depth < len(Path(file).parents) and Path(file).resolve().parents[depth] == folder


def _classes(module: ModuleType, with_card: bool = False) -> list[str]:
    """Names of the classes that a module defines, in its order."""
    own = {n: v for n, v in vars(module).items() if isinstance(v, type) and v.__module__ == module.__name__}
    return [name for name, value in own.items() if not with_card or hasattr(value, "card")]


@contextmanager
def _told_by_line(path: Path) -> Iterator[None]:
    """Turn what a user's code raises into one line, ``file:line: error``: the line of the user's own code."""
    from omnibench.system.memory import out_of_memory

    try:
        yield
    except OmnibenchError as error:
        raise type(error)(f"{_where(path, error.__traceback__)}: {error}") from error
    except SyntaxError as error:
        told = f"{_unreadable(path, error)}: {type(error).__name__}: {error.msg}."
        raise InputError(f"{told} {_encoding(path)}".rstrip()) from error
    except ModuleNotFoundError as error:
        where, package = _where(path, error.__traceback__), (error.name or "").partition(".")[0]
        if not package or package in sys.stdlib_module_names or importlib.util.find_spec(package) is not None:
            raise InputError(f"{where}: {type(error).__name__}: {error}.") from error
        raise MissingError(
            f'{where}: the package "{package}" is not installed. Install what provides it (often: '
            f"pip install {package}), or put {package}.py beside {path.name}."
        ) from error
    except SystemExit as error:
        raise InputError(
            f"{_where(path, error.__traceback__)}: the file ends the program (SystemExit: {error}) when it is used as "
            f'a model; what is for the command line goes below `if __name__ == "__main__":`.'
        ) from error
    except Exception as error:
        if out_of_memory(error):
            raise
        what = " ".join(f"{type(error).__name__}: {text_of(error)}".split()).rstrip(":.")
        raise InputError(f"{_where(path, error.__traceback__)}: {what}.") from error


def _encoding(path: Path) -> str:
    """What to do about a file in another encoding than Python reads, or ``""``."""
    content = path.read_bytes()
    if b"\0" in content:
        return "Save it as UTF-8: iconv -f UTF-16 -t UTF-8 OLD > NEW."
    try:
        decoded(content)
    except TextFault as fault:
        return fault.cure
    return ""


def _where(path: Path, trace: TracebackType | None) -> str:
    """``file:line`` of the innermost frame in the user's folder; the file alone where there is none."""
    found = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(trace) if _is_own(frame.filename, path)]
    return _place(path, *found[-1]) if found else str(path)


def _place(path: Path, file: str, line: int | None) -> str:
    """``file:line``, the model's own file by the path that the user gave."""
    return f"{path if Path(file).resolve() == path.resolve() else file}:{line}"


def _is_own(filename: str, path: Path) -> bool:
    file = Path(filename).resolve()
    return not filename.startswith("<") and path.resolve().parent in file.parents and "site-packages" not in file.parts


def _unreadable(path: Path, error: SyntaxError) -> str:
    """``file:line`` of what is no Python: the model's file, one that it imports, or text that it runs.

    Of NUL bytes, and of bytes that are no UTF-8, Python tells no line: it is counted here.
    """
    if error.filename is not None and error.lineno and Path(error.filename).is_file():
        return _place(path, error.filename, error.lineno)
    where = _where(path, error.__traceback__)
    if where != str(path):
        return where
    source = path.read_bytes()
    try:
        source.decode()
        bad = source.find(b"\0")
    except UnicodeDecodeError as undecodable:
        bad = undecodable.start
    line = source.count(b"\n", 0, max(bad, 0)) + 1
    return f"{path}:{line}"
