"""The session: waits for the end of a turn, asks for the listener's, and says it at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from baselines.gpt.cache import Answer, AnswerCache
from baselines.gpt.endpoint import Endpoint
from baselines.gpt.ledger import Ledger
from baselines.gpt.prompts import prompts_hash, system_prompt
from baselines.gpt.settings import Settings
from baselines.gpt.turns import TurnTaker
from omnibench.errors import MissingError, ModelFailure
from omnibench.responder import ModelCard
from omnibench.types import DialogueContext, ListenerFrame, SpeakerFrame, Word


class GptResponder:
    """Opens dialogues with one model.

    Args:
        card: of the model.
        settings: checked.
    """

    def __init__(self, card: ModelCard, settings: Settings) -> None:
        self.card, self._settings = card, settings
        name = f"{settings.base_url} {settings.model} {prompts_hash()}"
        ledger = settings.folder / f"ledger-{hashlib.sha256(name.encode()).hexdigest()[:16]}.json"
        account = Ledger(ledger, settings.budget, settings.requests_per_minute)
        with _kept(settings):  # before the first dialogue: what is asked has to be written down
            account.check()
        self._endpoint = Endpoint(settings, account)
        self._cache = AnswerCache(settings.folder / "answers", settings.base_url)

    def open(self, context: DialogueContext) -> GptSession:
        """Start a dialogue."""
        return GptSession(context, self._settings, self._endpoint, self._cache)


class GptSession:
    """One dialogue: the speaker's turns are the user's messages, the model's own turns the assistant's."""

    def __init__(self, context: DialogueContext, settings: Settings, endpoint: Endpoint, cache: AnswerCache) -> None:
        self._context, self._settings, self._endpoint, self._cache = context, settings, endpoint, cache
        self._turns = TurnTaker(settings.pause)
        prompt = "\n".join(filter(None, [system_prompt(), context.instruction]))
        roles = {"speaker": "user", "listener": "assistant"}
        self._messages = [{"role": "system", "content": prompt}]
        self._messages += [{"role": roles[role], "content": text} for role, text in context.history]
        self._account = dict.fromkeys(
            ("questions", "from_cache", "requests", "prompt_tokens", "completion_tokens", "cost_usd"), 0.0
        )

    def step(self, frame: SpeakerFrame) -> ListenerFrame:
        """The listener's turn, in the frame in which the speaker's is over.

        Its words have no time of their own: they all carry the moment at which they were asked for.

        Raises:
            MissingError: the endpoint does not answer, or the spending cap is reached.
            ModelFailure: a reasoning model thought until its limit and said nothing.
        """
        now = float((frame.index + 1) / self._context.fps)
        turn = self._turns.hear(frame.words, now)
        if not turn:
            return ListenerFrame()
        self._messages.append({"role": "user", "content": turn})
        answer = self._ask()
        if not answer.text and answer.finish == "length":
            raise ModelFailure(
                f"{self._settings.model} wrote {answer.completion_tokens} tokens and no word; add --set max_tokens=…"
            )
        self._messages.append({"role": "assistant", "content": answer.text})
        return ListenerFrame(words=tuple(Word(text, now, now) for text in answer.text.split()))

    def close(self) -> None:
        """Nothing to free: the connection is the model's."""

    def account(self) -> Mapping[str, float]:
        """What the dialogue took: questions and how many the cache answered, requests sent, tokens of all answers,
        and US dollars for those that were asked now.
        """
        return dict(self._account)

    def _ask(self) -> Answer:
        body = request_body(self._settings, self._messages, self._context.seed)
        self._account["questions"] += 1
        answer = self._cache.get(body)
        if answer is not None:
            self._account["from_cache"] += 1
        else:
            before = self._endpoint.sent
            with _kept(self._settings):
                try:
                    fresh, cost = self._endpoint.ask(body)
                finally:
                    self._account["requests"] += self._endpoint.sent - before
                self._account["cost_usd"] += cost
                answer = self._cache.keep(body, fresh)
        self._account["prompt_tokens"] += answer.prompt_tokens
        self._account["completion_tokens"] += answer.completion_tokens
        return answer


@contextmanager
def _kept(settings: Settings) -> Iterator[None]:
    """Raises MissingError where answers and what they cost cannot be written down: no fault of the model's."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise MissingError(
            f"{settings.folder}: answers and what they cost cannot be kept ({reason}). Name a folder: --set cache=DIR"
        ) from error


def request_body(settings: Settings, messages: list[dict[str, str]], seed: int) -> dict[str, Any]:
    """The body of a chat completion request.

    A reasoning model takes neither temperature nor seed, and its limit has another name.
    """
    body: dict[str, Any] = {"model": settings.model, "messages": [dict(message) for message in messages]}
    if settings.reasoning:
        return {**body, "max_completion_tokens": settings.max_tokens}
    return {**body, "max_tokens": settings.max_tokens, "temperature": settings.temperature, "seed": seed}
