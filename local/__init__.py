"""All of Baton on one machine, without Docker. Everything is derived from ``template.yaml``.

moto replaces AWS, an embedded Postgres replaces Supabase, and the functions' own handlers run in this process.
"""
