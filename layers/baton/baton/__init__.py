"""Baton: agent orchestrations with people in the loop, on AWS Step Functions and Supabase."""

__version__ = "1.0.0"  # of the API, the command and the distribution alike (pyproject.toml reads it here)
