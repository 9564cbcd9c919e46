"""omnibench: benchmark and evaluation suite for online multimodal conversational response generation."""

__version__ = "0.1.0"
