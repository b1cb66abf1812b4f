"""The SQL statements of a question. Each is one SELECT that the query guard of the MCP server accepts."""
