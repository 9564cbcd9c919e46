"""Markers among the text tokens: the two of Chrono-Text Markup, and those of a chat."""

from typing import Final

PAUSE: Final = "[PAUSE]"
LASTING: Final = "[LASTING]"
SYSTEM: Final = "<|system|>"
USER: Final = "<|user|>"
ASSISTANT: Final = "<|assistant|>"
END: Final = "<|end|>"
SPECIALS: Final = (PAUSE, LASTING, SYSTEM, USER, ASSISTANT, END)
