"""The whole of Baton on one machine, without Docker: everything is derived from ``template.yaml``.

moto plays AWS, an embedded Postgres plays Supabase, and the functions' own handlers run in this process.
"""
