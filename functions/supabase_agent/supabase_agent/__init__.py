"""The agent that answers KPI questions with SQL: finds the schema, matches names, composes one statement, runs it."""
