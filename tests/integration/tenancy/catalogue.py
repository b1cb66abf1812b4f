"""The rules of ``supabase/migrations`` as questions to the database's own catalogue: each answers with what breaks it,
one line an offender."""

from __future__ import annotations

from textwrap import dedent
from types import MappingProxyType

OURS = "n.nspname in ('public', 'baton', 'company')"

# Whatever is granted on something of ours: kind, name, to whom (PUBLIC has the id 0), what, by column or not. What was
# never granted or revoked has its default rights: EXECUTE for everybody on a function.
GRANTS = f"""
grants as (
  select kind, name, schema, coalesce(grantee_role.rolname, 'PUBLIC') as grantee, privilege_type as privilege
  from (
    select case c.relkind when 'S' then 'sequence' else 'table' end as kind, c.oid::regclass::text as name,
      n.nspname as schema, c.relowner as owner, coalesce(c.relacl, acldefault(
        case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner)) as acl
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where {OURS} and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    union all
    select 'table', c.oid::regclass || '.' || a.attname, n.nspname, c.relowner, a.attacl
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    where {OURS} and a.attacl is not null
    union all
    select 'function', p.oid::regprocedure::text, n.nspname, p.proowner,
      coalesce(p.proacl, acldefault('f', p.proowner))
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace where {OURS}
    union all
    select 'schema', n.nspname, n.nspname, n.nspowner, coalesce(n.nspacl, acldefault('n', n.nspowner))
    from pg_namespace n where {OURS}
  ) as object, lateral aclexplode(object.acl) as given
  left join pg_roles grantee_role on grantee_role.oid = given.grantee
  where given.grantee <> object.owner
)
"""

LOGINS = "select * from pg_roles where rolname ~ '^baton_'"

RULES = MappingProxyType({
    "every table is under row level security and has a policy": f"""
      select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where {OURS} and c.relkind in ('r', 'p')
        and not (c.relrowsecurity and exists (select from pg_policy p where p.polrelid = c.oid))
    """,
    "every view asks with the rights of its caller": f"""
      select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where {OURS} and c.relkind = 'v' and not coalesce(c.reloptions, '{{}}') && array['security_invoker=true',
        'security_invoker=on', 'security_invoker=1']
    """,
    "no login waits for ever": f"""
      select l.rolname || ': ' || needed.setting from ({LOGINS}) l,
        (values ('statement_timeout'), ('lock_timeout'), ('idle_in_transaction_session_timeout')) as needed (setting)
      where l.rolcanlogin
        and not exists (select from unnest(l.rolconfig) as g (text) where g.text ~ ('^' || needed.setting || '='))
    """,
    "nothing is stored where no policy looks": f"""
      select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where {OURS} and c.relkind in ('m', 'f')
    """,
    "every row of schema public says whose it is": """
      select c.oid::regclass::text from pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> 'organizations'
        and not exists (select from pg_attribute a
          where a.attrelid = c.oid and a.attname = 'organization_id' and a.attnotnull)
    """,
    "nobody is granted what everybody gets": f"""
      with {GRANTS}
      select format('%s %s: %s', kind, name, privilege) from grants
      where grantee = 'PUBLIC' and not (kind = 'schema' and name = 'public' and privilege = 'USAGE')
    """,
    "anonymous clients are granted nothing": f"""
      with {GRANTS}
      select format('%s %s: %s', kind, name, privilege) from grants
      where grantee = 'anon' and not (kind = 'schema' and name = 'public' and privilege = 'USAGE')
    """,
    "clients that signed in may select from public and company, and their policies may look up their membership": f"""
      with {GRANTS}
      select format('%s %s: %s', kind, name, privilege) from grants
      where grantee = 'authenticated' and not (
        (kind = 'table' and schema in ('public', 'company') and privilege = 'SELECT')
        or (kind = 'schema' and name in ('public', 'company') and privilege = 'USAGE')
        or (kind = 'function' and name = 'baton.organizations_of_caller()'))
    """,
    # Who may execute which function of schema baton is in functions.py.
    "the engine's logins read and write, and nothing beyond; they see nothing of company": f"""
      with {GRANTS}
      select format('%s: %s %s: %s', grantee, kind, name, privilege) from grants
      where grantee ~ '^baton_' and grantee <> 'baton_mcp' and not (
        (kind = 'table' and schema in ('public', 'baton') and privilege in ('SELECT', 'INSERT', 'UPDATE', 'DELETE'))
        or (kind = 'schema' and schema in ('public', 'baton') and privilege = 'USAGE')
        or (kind = 'function' and schema = 'baton' and privilege = 'EXECUTE'))
    """,
    "the MCP function's login reads company and nothing beyond": f"""
      with {GRANTS}
      select format('%s %s: %s', kind, name, privilege) from grants
      where grantee = 'baton_mcp' and not (schema = 'company' and (
        (kind = 'table' and privilege = 'SELECT') or (kind = 'schema' and privilege = 'USAGE')
        or name = 'company.current_organization_id()'))
    """,
    "nobody else is granted anything but by Supabase itself": f"""
      with {GRANTS}
      select format('%s: %s %s: %s', grantee, kind, name, privilege) from grants
      where grantee !~ '^baton_' and grantee not in ('PUBLIC', 'anon', 'authenticated')
        and not (grantee = 'service_role' and schema = 'public') and grantee !~ '^(supabase_|pg_|postgres$)'
    """,
    "a function that runs with its owner's rights looks nothing up by search path": f"""
      select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where {OURS} and p.prosecdef and not coalesce(p.proconfig, '{{}}') @> array['search_path=""']
    """,
    "a policy is for clients that signed in, the engine or the MCP function, and only the engine's lets write": """
      select format('%s: %s to %s', p.polrelid::regclass, p.polname, roles.names)
      from pg_policy p, lateral (select array_agg(coalesce(r.rolname, 'PUBLIC')::text) as names
        from unnest(p.polroles) as role left join pg_roles r on r.oid = role) as roles
      where not (roles.names = '{baton_engine}'
        or (p.polcmd = 'r' and roles.names <@ '{authenticated,baton_mcp}'))
    """,
    "what clients read of schema public goes by their membership": """
      select p.polrelid::regclass::text from pg_policy p join pg_class c on c.oid = p.polrelid
      where c.relnamespace = 'public'::regnamespace and 'authenticated'::regrole = any (p.polroles)
        and pg_get_expr(p.polqual, p.polrelid) not like '%baton.organizations_of_caller()%'
    """,
    "a login has no rights over the server, and none is spared row level security": f"""
      select rolname::text from ({LOGINS}) as login
      where rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls
    """,
    "a login belongs to the engine and to nothing else": f"""
      select login.rolname || ' in ' || m.roleid::regrole from ({LOGINS}) as login join pg_auth_members m
        on m.member = login.oid
      where m.roleid::regrole::text <> 'baton_engine' or login.rolname in ('baton_engine', 'baton_mcp')
    """,
    "a login owns nothing": f"""
      select login.rolname || ': ' || count(*) from ({LOGINS}) as login join pg_shdepend d
        on d.refclassid = 'pg_authid'::regclass and d.refobjid = login.oid and d.deptype = 'o'
      group by login.rolname
    """,
})  # fmt: skip


def question(rule: str) -> bytes:
    return f"select * from ({dedent(RULES[rule])}) as offenders (offender) order by 1".encode()
