"""The GPT baselines against a real server: what is sent, what is kept, and every way in which a line can break."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chat_server import KEY, ChatServer, chatting
from hypothesis import given
from hypothesis import strategies as st

from baselines.gpt import GptEntry, gpt, gpt_4o, o1
from baselines.gpt.ledger import Ledger
from baselines.gpt.prompts import system_prompt
from baselines.gpt.turns import TurnTaker
from omnibench.errors import InputError, MissingError, ModelFailure, UsageError
from omnibench.responder import ModelOptions
from omnibench.types import DialogueContext, SpeakerFrame, Word

pytestmark = pytest.mark.needs("gpt")
FPS = Fraction(10)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with chatting() as found:
        yield found


def build(server: ChatServer, folder: Path, entry: GptEntry = gpt_4o, **settings: Any) -> Any:
    quick = {"cache": str(folder), "backoff": 0.01, "timeout": 0.4, "requests_per_minute": 100_000}
    return entry.build(ModelOptions(settings={"base_url": server.address, **quick, **settings}))


def talk(model: Any, turns: Sequence[str], seed: int = 0) -> tuple[list[tuple[float, str]], dict[str, float]]:
    """Play turns of one word each 0.1 s, 2 s of silence after each; returns what was said with its moment, and the
    session's account.
    """
    session = model.open(DialogueContext("d", FPS, 16_000, seed))
    said = []
    spoken: list[tuple[Word, ...]] = []
    for turn in turns:
        for text in turn.split():
            end = (len(spoken) + 1) / 10
            spoken.append((Word(text, end - 0.1, end),))
        spoken += [()] * 20
    for index, words in enumerate(spoken):
        answer = session.step(SpeakerFrame(index, np.zeros(64, np.float32), np.zeros(1600, np.float32), words))
        assert answer.face is None
        assert answer.audio is None
        said += [(word.end, word.text) for word in answer.words]
    session.close()
    return said, session.account()


def text(said: list[tuple[float, str]]) -> str:
    return " ".join(word for _, word in said)


def test_whole_turns_go_in_and_the_models_own_turns_are_its_memory(server: ChatServer, tmp_path: Path) -> None:
    said, account = talk(build(server, tmp_path), ["I bought a boat.", "A red one."], seed=3)
    assert text(said) == "So boat. it is, message 2. So one. it is, message 4."
    first, second = server.requests
    assert first["path"] == "/v1/chat/completions"
    assert [m["role"] for m in second["messages"]] == ["system", "user", "assistant", "user"]
    assert [m["content"] for m in second["messages"]] == [
        system_prompt(), "I bought a boat.", "So boat. it is, message 2.", "A red one.",
    ]  # fmt: skip
    assert (first["model"], first["seed"], first["temperature"], first["max_tokens"]) == ("gpt-4o", 3, 0.0, 128)
    assert server.keys == [f"Bearer {KEY}"] * 2
    # The turn ends with its last word's end at 0.4 s; 1.1 s later it is over, and the words carry that moment.
    assert {moment for moment, _ in said[:6]} == {1.5}
    assert account["questions"] == account["requests"] == 2
    assert account["cost_usd"] == pytest.approx(
        (account["prompt_tokens"] * 2.5 + account["completion_tokens"] * 10) / 1e6
    )


def test_a_reasoning_model_gets_the_parameters_it_takes(server: ChatServer, tmp_path: Path) -> None:
    talk(build(server, tmp_path, o1), ["Hello there."])
    assert set(server.requests[0]) == {"path", "model", "messages", "max_completion_tokens"}


def test_nothing_is_asked_twice(server: ChatServer, tmp_path: Path) -> None:
    once, _ = talk(build(server, tmp_path), ["I bought a boat.", "A red one."])
    asked = len(server.requests)
    again, account = talk(build(server, tmp_path), ["I bought a boat.", "A red one."])
    assert (again, len(server.requests)) == (once, asked)
    assert (account["from_cache"], account["requests"], account["cost_usd"]) == (2, 0, 0.0)
    talk(build(server, tmp_path), ["I bought a boat.", "A blue one."])
    assert len(server.requests) == asked + 1


@pytest.mark.parametrize("fault", ["429", "500", "hang", "drip", "malformed", "empty", "drop"])
def test_a_fault_that_passes_costs_an_attempt(server: ChatServer, tmp_path: Path, fault: str) -> None:
    server.faults.extend([fault, fault])
    said, account = talk(build(server, tmp_path), ["Hello there."])
    assert text(said) == "So there. it is, message 2."
    assert (account["questions"], account["requests"], len(server.requests)) == (1, 3, 3)


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ("429", "429 rate_limit_exceeded slower, please"),
        ("500", "500 <html>Internal error</html>"),
        ("hang", "no answer in 0.4 s"),
        ("drip", "no whole answer in 0.4 s"),
        ("malformed", "not a chat completion"),
        ("empty", "not a chat completion"),
        ("drop", "the connection broke"),
    ],
)
def test_a_fault_that_stays_is_told(server: ChatServer, tmp_path: Path, fault: str, named: str) -> None:
    server.faults.extend([fault] * 9)
    with pytest.raises(MissingError, match=named) as caught:
        talk(build(server, tmp_path, attempts=2), ["Hello there."])
    assert "in 2 attempts" in str(caught.value)
    assert len(server.requests) == 2
    assert not list(tmp_path.rglob("answers/*/*.json"))


@pytest.mark.parametrize(("fault", "named"), [("401", "401 invalid_api_key"), ("quota", "quota"), ("redirect", "307")])
def test_a_refusal_is_not_tried_again_and_never_shows_the_key(
    server: ChatServer, tmp_path: Path, fault: str, named: str
) -> None:
    server.faults.append(fault)
    model = build(server, tmp_path)
    for _ in range(2):
        with pytest.raises(MissingError, match=named) as caught:
            talk(model, ["Hello there."])
        assert KEY not in str(caught.value)
    assert len(server.requests) == 1
    assert not any(KEY in path.read_text() for path in tmp_path.rglob("*") if path.is_file())


def test_no_server_is_told(server: ChatServer, tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="no connection"):
        talk(build(server, tmp_path, base_url="http://127.0.0.1:9/v1", attempts=2), ["Hello there."])


def test_a_model_that_declines_says_nothing_and_one_that_thinks_too_long_fails(
    server: ChatServer, tmp_path: Path
) -> None:
    server.faults.append("refusal")
    said, _ = talk(build(server, tmp_path / "a"), ["Hello there."])
    assert said == []
    server.faults.append("length")
    with pytest.raises(ModelFailure, match="max_tokens"):
        talk(build(server, tmp_path / "b", o1), ["Hello there."])


def test_the_spending_cap_holds_before_anything_is_sent(server: ChatServer, tmp_path: Path) -> None:
    # A question of about 700 bytes may cost 700 * 2.5e-6 + 128 * 1e-5 dollars, 0.003.
    _, account = talk(build(server, tmp_path, budget=0.01), ["Hello there."])
    with pytest.raises(MissingError, match=r"spending cap of 0.001 .*--set budget"):
        talk(build(server, tmp_path, budget=0.001), ["How are you?"])
    assert len(server.requests) == 1
    (ledger,) = tmp_path.glob("ledger-*.json")
    assert json.loads(ledger.read_text())["spent"] == pytest.approx(account["cost_usd"])
    talk(build(server, tmp_path, budget=0.01), ["How are you?"])
    assert len(server.requests) == 2


def test_what_may_have_been_billed_stays_charged_and_what_was_not_is_taken_back(
    server: ChatServer, tmp_path: Path
) -> None:
    server.faults.append("500")
    _, account = talk(build(server, tmp_path / "a"), ["Hello there."])
    server.faults.append("malformed")
    talk(build(server, tmp_path / "b"), ["Hello there."])
    spent = [json.loads(next((tmp_path / name).glob("ledger-*.json")).read_text())["spent"] for name in "ab"]
    assert spent[0] == pytest.approx(account["cost_usd"])
    assert spent[1] > 2 * spent[0]


def test_an_endpoint_that_counts_no_tokens_is_taken_at_its_worst_price(server: ChatServer, tmp_path: Path) -> None:
    server.faults.append("uncounted")
    _, account = talk(build(server, tmp_path, max_tokens=1000), ["Hello there."])
    assert 0.01 < account["cost_usd"] < 0.02


def test_requests_of_all_processes_keep_the_rate(tmp_path: Path) -> None:
    begin = time.monotonic()
    for _ in range(4):
        Ledger(tmp_path / "l.json", 1.0, requests_per_minute=600).admit(0.0)
    assert 0.3 <= time.monotonic() - begin < 3


@pytest.mark.parametrize(
    ("entry", "settings", "named"),
    [
        (gpt_4o, {"api_key": "sk-oops"}, "environment alone"),
        (gpt_4o, {"temperatur": 1.0}, '"temperatur"'),
        (gpt_4o, {"temperature": "hot"}, "expected a number, 0 to 2"),
        (gpt_4o, {"max_tokens": 0}, "1 to 100000"),
        (gpt_4o, {"model": "gpt-4"}, "--model gpt"),
        (gpt_4o, {"base_url": "http://example.org/v1"}, "in clear"),
        (gpt_4o, {"base_url": "https://me:secret@example.org/v1"}, "user name"),
        (gpt_4o, {"base_url": "127.0.0.1:8000"}, "expected an address"),
        (gpt, {"model": "llama", "base_url": "https://example.org/v1"}, "price_input"),
    ],
)
def test_settings_are_checked_before_anything_is_sent_or_written(
    entry: GptEntry, settings: dict[str, Any], named: str
) -> None:
    with pytest.raises(UsageError, match=named) as caught:
        entry.fingerprint(ModelOptions(settings=settings))
    assert "oops" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_without_key_or_model_the_missing_line_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(MissingError, match="export OPENAI_API_KEY"):
        gpt_4o.build(ModelOptions())
    with pytest.raises(MissingError, match="--set model=NAME"):
        gpt.build(ModelOptions())
    assert gpt_4o.missing(ModelOptions(settings={"base_url": "http://127.0.0.1:1/v1"})) == ""


def test_a_dated_snapshot_is_the_same_row_and_another_model_a_row_of_its_own(
    server: ChatServer, tmp_path: Path
) -> None:
    assert build(server, tmp_path, model="gpt-4o-2024-11-20").card.name == "gpt-4o"
    assert build(server, tmp_path, gpt, model="llama").card.name == "llama"
    assert build(server, tmp_path, gpt, model="hf.co/org/Model-8B:Q4").card.name == "hf.co-org-Model-8B-Q4"
    assert build(server, tmp_path, gpt, model=f"{'x' * 300}/é模").card.name == "x" * 99


def test_a_damaged_answer_is_named_and_not_guessed_at(server: ChatServer, tmp_path: Path) -> None:
    talk(build(server, tmp_path), ["Hello there."])
    (kept,) = tmp_path.rglob("answers/*/*.json")
    kept.write_text('{"answer": {}}')
    with pytest.raises(InputError, match=kept.name):
        talk(build(server, tmp_path), ["Hello there."])


@given(st.lists(st.tuples(st.text("ab.", min_size=1, max_size=3), st.floats(0.0, 3.0)), max_size=30), st.floats(0.2, 2))
def test_turns_hold_every_word_once_in_order(spoken: list[tuple[str, float]], pause: float) -> None:
    taker, turns, now = TurnTaker(pause), [], 0.0
    for word, gap in spoken:
        turns.append(taker.hear([], now + gap))
        now += gap
        taker.hear([Word(word, now, now)], now)
    turns.append(taker.hear([], now + 10))
    assert " ".join(filter(None, turns)).split() == [word for word, _ in spoken]
