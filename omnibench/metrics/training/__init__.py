"""How the small networks that ship with omnibench were trained: one command each."""
