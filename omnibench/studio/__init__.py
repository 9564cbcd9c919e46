"""Makes two-person dialogues in ResponseNet's layout: script, voices, faces, video. Needs the extra ``[studio]``."""
