"""Synonyms of English words as METEOR needs them: a table derived from WordNet 3.0, without its glosses and relations.

WordNet 3.0 is Copyright 2006 by Princeton University; its licence is LICENSE.txt in this folder and covers the ``.txt``
tables beside it. `omnibench.metrics.text.wordnet.build` makes the tables from WordNet's own files.

``noun.txt``, ``verb.txt``, ``adj.txt`` and ``adv.txt`` hold one lemma a line, followed by the other one-word members of
all its synsets; a lemma that starts with ``-`` is itself no member in that spelling (``-einstein Einstein``). The
``*.exceptions.txt`` hold irregular forms, each followed by its base forms.
"""
