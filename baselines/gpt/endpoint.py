"""One question to an OpenAI-compatible endpoint (``POST /chat/completions``), asked until it is answered or given up.

Transient: no connection, a hang, a broken connection, 408, 409, 425, 429, 5xx, an answer that is not the JSON it should
be. Between attempts it waits as long as the endpoint asks (``Retry-After``), else twice as long each time. The key
never leaves the header: it is cut out of everything an error says.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Mapping
from typing import Any, Final

import httpx2
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from baselines.gpt.cache import Answer
from baselines.gpt.ledger import Ledger
from baselines.gpt.settings import Settings
from omnibench.errors import MissingError

TRANSIENT: Final = frozenset({408, 409, 425, 429})
LONGEST_WAIT: Final = 60.0
LARGEST: Final = 4 << 20
"""Bytes of an answer: a listener's turn is a thousandth of it."""

MESSAGE_TOKENS: Final = 16
"""Tokens that an endpoint may add around each message; a token is never shorter than a byte."""


class Transient(Exception):
    """An attempt that may go well another time; ``wait`` is what the endpoint asked for, in seconds, and ``billed``
    whether the request can have cost something.
    """

    def __init__(self, reason: str, *, billed: bool, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.billed, self.wait = billed, wait


class Endpoint:
    """Asks one model at one address.

    ``sent`` counts the requests so far, attempts included.

    Args:
        settings: of the run.
        ledger: of what it may spend.
    """

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self._settings, self._ledger = settings, ledger
        self._address = f"{settings.base_url.rstrip('/')}/chat/completions"
        self._key = os.environ.get(settings.key_env, "")
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        self._client = httpx2.Client(
            headers=headers, timeout=settings.timeout, follow_redirects=False, trust_env=not settings.on_this_machine
        )
        self._refused = ""
        self.sent = 0

    def ask(self, body: Mapping[str, Any]) -> tuple[Answer, float]:
        """The answer to a request body, and what it cost in US dollars.

        Raises:
            MissingError: the endpoint refuses, all attempts failed, or the spending cap is reached.
        """
        if self._refused:
            raise MissingError(self._refused)
        attempts = Retrying(
            stop=stop_after_attempt(self._settings.attempts),
            wait=self._wait,
            retry=retry_if_exception_type(Transient),
            reraise=True,
        )
        try:
            return attempts(self._attempt, body)
        except Transient as error:
            raise MissingError(
                f"{self._settings.base_url} did not answer in {self._settings.attempts} attempts; the last one: {error}"
            ) from None

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        asked = error.wait if isinstance(error, Transient) else 0.0
        doubled = self._settings.backoff * 2 ** (state.attempt_number - 1) * random.uniform(0.75, 1.25)
        return min(LONGEST_WAIT, max(asked, doubled))

    def _attempt(self, body: Mapping[str, Any]) -> tuple[Answer, float]:
        worst = self._worst(body)
        self._ledger.admit(worst)
        try:
            answer = self._answered(*self._post(body))
        except Transient as error:
            if not error.billed:
                self._ledger.settle(worst, 0.0)
            raise
        except MissingError:
            self._ledger.settle(worst, 0.0)
            raise
        # An endpoint that counts no tokens is taken to have used them all.
        counted = answer.prompt_tokens or answer.completion_tokens
        cost = self._settings.cost(answer.prompt_tokens, answer.completion_tokens) if counted else worst
        self._ledger.settle(worst, cost)
        return answer, cost

    def _worst(self, body: Mapping[str, Any]) -> float:
        messages = body["messages"]
        sent = sum(len(message["content"].encode()) + MESSAGE_TOKENS for message in messages)
        return self._settings.cost(sent, self._settings.max_tokens)

    def _post(self, body: Mapping[str, Any]) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and content; the whole answer within the timeout."""
        begin, content = time.monotonic(), bytearray()
        self.sent += 1
        try:
            with self._client.stream("POST", self._address, json=body) as got:
                for piece in got.iter_bytes():
                    content += piece
                    if len(content) > LARGEST:
                        raise Transient(f"more than {LARGEST} bytes of answer", billed=True)
                    if time.monotonic() - begin > self._settings.timeout:
                        raise Transient(f"no whole answer in {self._settings.timeout:g} s", billed=True)
                return got.status_code, got.headers, bytes(content)
        except httpx2.TimeoutException:
            raise Transient(f"no answer in {self._settings.timeout:g} s", billed=True) from None
        except httpx2.ConnectError as error:
            if _forbidden(error):
                raise MissingError(f"{self._settings.base_url}: this process may not connect to it") from None
            raise Transient(self._clean(f"no connection ({error})"), billed=False) from None
        except httpx2.HTTPError as error:
            raise Transient(self._clean(f"the connection broke ({error})"), billed=True) from None

    def _answered(self, status: int, headers: Mapping[str, str], content: bytes) -> Answer:
        if status != 200:
            reason = self._clean(f"{status} {_said(content)}".strip())
            if (status in TRANSIENT or status >= 500) and "insufficient_quota" not in reason:
                raise Transient(reason, billed=False, wait=_retry_after(headers))
            self._refused = f"{self._settings.base_url} refuses to answer as {self._settings.model}: {reason}"
            raise MissingError(self._refused)
        try:
            return read_completion(content)
        except Transient as error:
            raise Transient(self._clean(str(error)), billed=True) from None

    def _clean(self, text: str) -> str:
        short = " ".join((text.replace(self._key, "***") if self._key else text).split())
        return short if len(short) <= 300 else f"{short[:300]}…"


def read_completion(content: bytes) -> Answer:
    """The answer in a chat completion. Raises Transient for what is none."""
    try:
        return _read(json.loads(content))
    except (LookupError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise Transient(f"not a chat completion ({type(error).__name__}: {error})", billed=True) from None


def _read(document: Any) -> Answer:
    choice = document["choices"][0]
    message, usage = choice["message"], document.get("usage") or {}
    # A refusal has no content: the listener says nothing.
    text = message["content"] if message.get("refusal") is None else (message.get("content") or "")
    return Answer(
        text=" ".join(text.split()),
        finish=str(choice.get("finish_reason") or "stop"),
        prompt_tokens=int(usage.get("prompt_tokens", 0)),
        completion_tokens=int(usage.get("completion_tokens", 0)),
    )


def _said(content: bytes) -> str:
    try:
        error = json.loads(content)["error"]
        return f"{error.get('code') or ''} {error['message']}".strip() if isinstance(error, dict) else str(error)
    except (ValueError, KeyError, TypeError):
        return content[:200].decode("utf-8", "replace")


def _retry_after(headers: Mapping[str, str]) -> float:
    try:
        return max(0.0, float(headers.get("Retry-After", "0")))
    except ValueError:
        return 0.0


def _forbidden(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, PermissionError):
            return True
        error = error.__cause__ or error.__context__
    return False
