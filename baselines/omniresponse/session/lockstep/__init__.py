"""Dialogues side by side: one row of every tensor is one dialogue, and a step answers a frame of all of them.

Rows never meet: whatever another row holds, a row's numbers are the same to the bit. All shapes follow from the frame
index and from what the dialogues were opened with, never from how they go on, so not even rounding tells one dialogue
of another's future. A dialogue that is over keeps its row, whose numbers nobody reads.
"""
