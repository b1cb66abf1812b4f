"""The HTTP API: callers (``identity``), ``requests``, ``routes``, answers (``views``) and errors (``problems``)."""
