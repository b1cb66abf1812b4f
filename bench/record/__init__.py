"""``python -m bench.record``: measures the cost of a step on the wire, in the client and in Postgres."""
