"""The HTTP API: who calls (identity), what they ask (requests), what they see (views), what went wrong (problems)."""
