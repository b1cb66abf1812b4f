"""Postgres, the system of record. The only package that imports psycopg."""
