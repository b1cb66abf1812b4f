"""The rules of ``supabase/migrations`` as queries of the database's own catalogue: each returns the violations of its
rule, one line each."""

from __future__ import annotations

from textwrap import dedent
from types import MappingProxyType

OURS = "n.nspname in ('public', 'baton', 'company')"

# All grants on our objects: kind, name, grantee (PUBLIC has the id 0), right, by column or not. An object without
# grants and revokes has its default rights: EXECUTE for PUBLIC on a function.
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
  ) as object, lateral aclexplode(object.acl) as entry
  left join pg_roles grantee_role on grantee_role.oid = entry.grantee
  where entry.grantee <> object.owner
)
"""

# The logins, and the role baton_engine that every login of the engine is a member of.
LOGINS = "select * from pg_roles where rolname ~ '^baton_' and rolname <> 'baton_owner'"
# The objects of the record. Schema company belongs to the migrating role.
RECORD = "n.nspname in ('public', 'baton')"
READ_BY_THE_STREAM = "'organizations', 'organization_members', 'orchestration_events'"

RULES = MappingProxyType({
    "every table is under row level security": f"""
      select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where {OURS} and c.relkind in ('r', 'p') and not c.relrowsecurity
    """,
    "public tables have policies, and private tables have none": f"""
      select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where {OURS} and c.relkind in ('r', 'p')
        and (n.nspname = 'baton') = exists (select from pg_policy p where p.polrelid = c.oid)
    """,
    "private tables and sequences have no grants": f"""
      with {GRANTS}
      select format('%s: %s %s: %s', grantee, kind, name, privilege) from grants
      where schema = 'baton' and kind in ('table', 'sequence')
    """,
    "the record belongs to its owner": f"""
      select format('%s: %s', c.relowner::regrole, c.oid::regclass) from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      where {RECORD} and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and c.relowner <> 'baton_owner'::regrole
        and not exists (select from pg_depend d
          where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
      union all
      select format('%s: %s', t.typowner::regrole, t.oid::regtype) from pg_type t
      join pg_namespace n on n.oid = t.typnamespace
      where {RECORD} and t.typtype = 'd' and t.typowner <> 'baton_owner'::regrole
    """,
    # The policies of clients read a token's claims, in schema auth; those of the MCP function are in schema company.
    "definer functions belong to the owner of the record, except those of policies": f"""
      select format('%s: %s', p.proowner::regrole, p.oid::regprocedure) from pg_proc p
      join pg_namespace n on n.oid = p.pronamespace
      where {OURS} and p.prosecdef and p.proowner <> 'baton_owner'::regrole and p.oid::regprocedure::text not in
        ('baton.organizations_of_caller()', 'company.current_organization_id()')
    """,
    "the owner of the record owns nothing else": """
      select pg_describe_object(d.classid, d.objid, d.objsubid) from pg_shdepend d
      left join pg_class c on d.classid = 'pg_class'::regclass and c.oid = d.objid
      left join pg_proc p on d.classid = 'pg_proc'::regclass and p.oid = d.objid
      left join pg_type t on d.classid = 'pg_type'::regclass and t.oid = d.objid
      where d.refclassid = 'pg_authid'::regclass and d.refobjid = 'baton_owner'::regrole and d.deptype = 'o'
        and d.dbid in (0, (select oid from pg_database where datname = current_database()))
        and not coalesce(c.relnamespace in ('public'::regnamespace, 'baton'::regnamespace), false)
        and not coalesce(p.pronamespace = 'baton'::regnamespace, false)
        and not coalesce(t.typnamespace = 'baton'::regnamespace, false)
    """,
    "the owner of the record has no other rights": f"""
      with {GRANTS}
      select format('%s %s: %s', kind, name, privilege) from grants
      where grantee = 'baton_owner'
        and (kind, name, privilege) not in (('schema', 'public', 'USAGE'), ('schema', 'baton', 'USAGE'),
          ('schema', 'baton', 'CREATE'))
      union all
      select format('schema %s: %s', n.nspname, right_.name) from pg_namespace n,
        (values ('USAGE'), ('CREATE')) as right_ (name)
      where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and (n.nspname, right_.name) not in (('public', 'USAGE'), ('baton', 'USAGE'), ('baton', 'CREATE'))
        and has_schema_privilege('baton_owner', n.oid, right_.name)
    """,
    "the owner of the record cannot log in, and only the migrating role may act as it": """
      select rolname::text from pg_roles where rolname = 'baton_owner' and (rolcanlogin or rolsuper or rolcreaterole
        or rolcreatedb or rolreplication or rolbypassrls)
      union all
      select format('%s in %s', m.member::regrole, m.roleid::regrole) from pg_auth_members m
      where m.member = 'baton_owner'::regrole
        or (m.roleid = 'baton_owner'::regrole and m.member <> current_user::regrole)
    """,
    "every view has the rights of its caller": f"""
      select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where {OURS} and c.relkind = 'v' and not coalesce(c.reloptions, '{{}}') && array['security_invoker=true',
        'security_invoker=on', 'security_invoker=1']
    """,
    "every login has timeouts": f"""
      select l.rolname || ': ' || needed.setting from ({LOGINS}) l,
        (values ('statement_timeout'), ('lock_timeout'), ('idle_in_transaction_session_timeout')) as needed (setting)
      where l.rolcanlogin
        and not exists (select from unnest(l.rolconfig) as g (text) where g.text ~ ('^' || needed.setting || '='))
    """,
    "there are no materialized views and no foreign tables": f"""
      select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where {OURS} and c.relkind in ('m', 'f')
    """,
    "every row of schema public has its organisation": """
      select c.oid::regclass::text from pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> 'organizations'
        and not exists (select from pg_attribute a
          where a.attrelid = c.oid and a.attname = 'organization_id' and a.attnotnull)
    """,
    "PUBLIC has no grants": f"""
      with {GRANTS}
      select format('%s %s: %s', kind, name, privilege) from grants
      where grantee = 'PUBLIC' and not (kind = 'schema' and name = 'public' and privilege = 'USAGE')
    """,
    "anonymous clients have no grants": f"""
      with {GRANTS}
      select format('%s %s: %s', kind, name, privilege) from grants
      where grantee = 'anon' and not (kind = 'schema' and name = 'public' and privilege = 'USAGE')
    """,
    "authenticated clients may select from public and company, and their policies may read their membership": f"""
      with {GRANTS}
      select format('%s %s: %s', kind, name, privilege) from grants
      where grantee = 'authenticated' and not (
        (kind = 'table' and schema in ('public', 'company') and privilege = 'SELECT')
        or (kind = 'schema' and name in ('public', 'company') and privilege = 'USAGE')
        or (kind = 'function' and name = 'baton.organizations_of_caller()'))
    """,
    # functions.py lists who may execute which function of schema baton.
    "the API reads schema public, the stream a part of it; all other grants of logins are for functions": f"""
      with {GRANTS}
      select format('%s: %s %s: %s', grantee, kind, name, privilege) from grants
      where grantee ~ '^baton_' and grantee not in ('baton_mcp', 'baton_owner') and not (
        (grantee = 'baton_api' and kind = 'table' and schema = 'public' and privilege = 'SELECT')
        or (grantee = 'baton_stream' and kind = 'table' and name in ({READ_BY_THE_STREAM}) and privilege = 'SELECT')
        or (grantee in ('baton_api', 'baton_stream') and kind = 'schema' and name = 'public' and privilege = 'USAGE')
        or (grantee = 'baton_engine' and kind = 'schema' and name = 'baton' and privilege = 'USAGE')
        or (grantee <> 'baton_engine' and kind = 'function' and schema = 'baton' and privilege = 'EXECUTE'))
    """,
    "the MCP function's login reads only company": f"""
      with {GRANTS}
      select format('%s %s: %s', kind, name, privilege) from grants
      where grantee = 'baton_mcp' and not (schema = 'company' and (
        (kind = 'table' and privilege = 'SELECT') or (kind = 'schema' and privilege = 'USAGE')
        or name = 'company.current_organization_id()'))
    """,
    "other roles have only Supabase's own grants": f"""
      with {GRANTS}
      select format('%s: %s %s: %s', grantee, kind, name, privilege) from grants
      where grantee !~ '^baton_' and grantee not in ('PUBLIC', 'anon', 'authenticated')
        and not (grantee = 'service_role' and schema = 'public') and grantee !~ '^(supabase_|pg_|postgres$)'
    """,
    "a definer function has an empty search path": f"""
      select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where {OURS} and p.prosecdef and not coalesce(p.proconfig, '{{}}') @> array['search_path=""']
    """,
    "a policy is for authenticated clients, the API, the stream or the MCP function, and never for writes": """
      select format('%s: %s to %s', p.polrelid::regclass, p.polname, roles.names)
      from pg_policy p, lateral (select array_agg(coalesce(r.rolname, 'PUBLIC')::text) as names
        from unnest(p.polroles) as role left join pg_roles r on r.oid = role) as roles
      where p.polcmd <> 'r'
        or not (roles.names <@ '{authenticated,baton_mcp}' or roles.names <@ '{baton_api,baton_stream}')
    """,
    "the API and the stream see no expired member": """
      select format('%s: %s', p.polrelid::regclass, p.polname) from pg_policy p
      where p.polrelid = 'public.organization_members'::regclass
        and p.polroles && array['baton_api'::regrole, 'baton_stream'::regrole]::oid[]
        and pg_get_expr(p.polqual, p.polrelid) <> '((expires_at IS NULL) OR (expires_at > now()))'
    """,
    "clients read schema public only by their membership": """
      select p.polrelid::regclass::text from pg_policy p join pg_class c on c.oid = p.polrelid
      where c.relnamespace = 'public'::regnamespace and 'authenticated'::regrole = any (p.polroles)
        and pg_get_expr(p.polqual, p.polrelid) not like '%baton.organizations_of_caller()%'
    """,
    "a login has no rights over the server and cannot bypass row level security": f"""
      select rolname::text from ({LOGINS}) as login
      where rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls
    """,
    "a login is a member only of the engine's role": f"""
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
