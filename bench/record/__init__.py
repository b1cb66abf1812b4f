"""``python -m bench.record``: what a step costs, on the wire, in the client and in Postgres."""
