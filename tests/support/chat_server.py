"""An OpenAI-compatible chat server on this machine, over a real socket, that misbehaves on request."""

from __future__ import annotations

import json
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from loopback import Handler, listening

Messages = list[dict[str, str]]
KEY = "sk-test-0123456789"


def hear(messages: Messages) -> str:
    """The answer of a server without a model: what it heard last, and how many messages there were."""
    return f"So {messages[-1]['content'].split()[-1]} it is, message {len(messages)}."


@dataclass
class ChatServer:
    """Its address; the bodies and keys it has seen; the faults of the next requests, in order."""

    address: str
    answer: Callable[[Messages], str] = hear
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    faults: deque[str] = field(default_factory=deque)
    hang: float = 1.0


class _Chat(Handler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.state.keys.append(self.headers.get("Authorization", ""))
        self.server.state.requests.append({"path": self.path, **body})
        fault = self.server.state.faults.popleft() if self.server.state.faults else ""
        getattr(self, f"fault_{fault}", self.complete)(body)

    def send(self, status: int, content: bytes, length: int | None = None, **headers: str) -> None:
        super().send(status, content, length, Content_Type="application/json", **headers)

    def complete(self, body: dict[str, Any], text: str | None = None, finish: str = "stop", **more: str) -> None:
        said = self.server.state.answer(body["messages"]) if text is None else text
        words = sum(len(message["content"].split()) for message in body["messages"])
        document = {
            "object": "chat.completion",
            "model": body["model"],
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": None if more else said, **more},
                    "finish_reason": finish,
                }
            ],
            "usage": {"prompt_tokens": words, "completion_tokens": len(said.split())},
        }
        self.send(200, json.dumps(document).encode())

    def fail(self, status: int, code: str, message: str, **headers: str) -> None:
        self.send(status, json.dumps({"error": {"code": code, "message": message}}).encode(), **headers)

    def fault_429(self, body: dict[str, Any]) -> None:
        self.fail(429, "rate_limit_exceeded", "slower, please", Retry_After="0.05")

    def fault_500(self, body: dict[str, Any]) -> None:
        self.send(500, b"<html>Internal error</html>")

    def fault_hang(self, body: dict[str, Any]) -> None:
        time.sleep(self.server.state.hang)

    def fault_drip(self, body: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(100):
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(self.server.state.hang / 20)

    def fault_malformed(self, body: dict[str, Any]) -> None:
        self.send(200, b'{"choices": [{"message": {"cont')

    def fault_empty(self, body: dict[str, Any]) -> None:
        self.send(200, b'{"choices": []}')

    def fault_drop(self, body: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'{"choices"')
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def fault_401(self, body: dict[str, Any]) -> None:
        self.fail(401, "invalid_api_key", f"Incorrect key provided: {self.headers.get('Authorization')}")

    def fault_quota(self, body: dict[str, Any]) -> None:
        self.fail(429, "insufficient_quota", "You exceeded your current quota")

    def fault_refusal(self, body: dict[str, Any]) -> None:
        self.complete(body, refusal="I cannot help with that.")

    def fault_length(self, body: dict[str, Any]) -> None:
        self.complete(body, text="", finish="length")

    def fault_uncounted(self, body: dict[str, Any]) -> None:
        self.send(200, json.dumps({"choices": [{"message": {"content": "Yes."}}]}).encode())

    def fault_redirect(self, body: dict[str, Any]) -> None:
        self.send(307, b"", Location="http://127.0.0.1:9/elsewhere")


@contextmanager
def chatting(answer: Callable[[Messages], str] = hear) -> Iterator[ChatServer]:
    """Serve ``/v1/chat/completions``. Faults: ``429`` (with Retry-After 0.05), ``500``, ``hang``, ``drip``,
    ``malformed`` (broken JSON), ``empty`` (no choices), ``drop`` (the connection closes half way), ``401`` (repeats the
    key), ``quota``, ``refusal``, ``length`` (no text, the limit reached), ``uncounted`` (no usage), ``redirect``.
    """
    state = ChatServer("", answer)
    with listening(_Chat, state) as address:
        state.address = f"{address}/v1"
        yield state
