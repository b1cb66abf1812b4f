"""``python -m bench.peers``: the same workloads beside engines that others made, in turns."""
