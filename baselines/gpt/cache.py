"""Answers by what was asked: a question is put to the endpoint once on this machine, whoever asks it again."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from omnibench.errors import InputError
from omnibench.files.atomic import atomic_path
from omnibench.files.checked import parse_json


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the text, why it ended, and the tokens that the endpoint counted."""

    text: str
    finish: str
    prompt_tokens: int
    completion_tokens: int


class AnswerCache:
    """A folder with one file per question.

    Args:
        folder: made when the first answer is kept.
        address: of the endpoint; part of every question.
    """

    def __init__(self, folder: Path, address: str) -> None:
        self._folder, self._address = folder, address

    def get(self, body: Mapping[str, Any]) -> Answer | None:
        """The answer to a request body, or None. Raises InputError for a damaged file."""
        path = self._path(body)
        if not path.is_file():
            return None
        try:
            return Answer(**parse_json(path.read_bytes())["answer"])
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}: not a cached answer ({error}). Delete it; it is asked again.") from error

    def keep(self, body: Mapping[str, Any], answer: Answer) -> Answer:
        """Keep an answer for good and return the one that counts: the first, should two processes have asked."""
        path = self._path(body)
        content = {"endpoint": self._address, "request": body, "answer": asdict(answer)}
        with atomic_path(path, writer=f"{os.getpid()}-{threading.get_ident()}", keep_first=True) as temporary:
            temporary.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
        return self.get(body) or answer

    def _path(self, body: Mapping[str, Any]) -> Path:
        question = json.dumps([self._address, body], sort_keys=True, ensure_ascii=False)
        name = hashlib.sha256(question.encode()).hexdigest()
        return self._folder / name[:2] / f"{name}.json"
