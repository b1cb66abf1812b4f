"""The URL of a Postgres, with another role or database."""

from __future__ import annotations

import re
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict


def url_as(url: str, role: str, password: str) -> str:
    """``url`` with another role. Supabase's pooler needs <role>.<project>, so a project stays."""
    _, dot, project = str(conninfo_to_dict(url).get("user") or "").partition(".")
    return url_with(url, user=role + dot + project, password=password)


def url_of(url: str, database: str) -> str:
    """``url`` with another database of the same server."""
    return url_with(url, dbname=database)


def url_with(url: str, **changes: str) -> str:
    parts = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None} | changes
    user, password, name = (parts.pop(part, "") for part in ("user", "password", "dbname"))
    credentials = f"{quote(user, safe='')}:{quote(password, safe='')}@" if user else ""
    place = ""
    if re.fullmatch(r"[\w.:-]+", parts.get("host", "")):  # one name or address; lists and Unix sockets stay parameters
        host, port = parts.pop("host"), parts.pop("port", "5432")
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    query = "&".join(f"{part}={quote(value, safe='')}" for part, value in parts.items())
    return f"postgresql://{credentials}{place}/{quote(name, safe='')}" + (f"?{query}" if query else "")
