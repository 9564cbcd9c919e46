"""What stands behind the functions of ``import omnibench``: the commands call the same ones."""
