"""``python -m bench.peers``: the same workloads on other engines, in turns."""
