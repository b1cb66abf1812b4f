-- KPI data: the companies of an organisation, their departments, metrics, goals and numbers. The MCP function's login and
-- members read it; imports and the owner write it.
--
-- Runs as a role that is not a superuser and uses only what Postgres 15 to 18 share.

create schema company;
comment on schema company is 'KPI data of organisations. Start at kpi_metrics (what is measured) and kpi_data (the numbers).';
revoke all on schema company from public;

create table company.companies (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  name text not null check (name = btrim(name) and name <> ''),
  created_at timestamptz not null default now(),
  unique (organization_id, name)
);
comment on table company.companies is 'Companies an organisation reports on.';

create table company.departments (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references company.companies (id) on delete cascade,
  name text not null check (name = btrim(name) and name <> ''),
  created_at timestamptz not null default now(),
  unique (company_id, name)
);
comment on table company.departments is 'Departments of a company; numbers are recorded for departments.';

-- The one spelling of a unit, so that $, usd and USD are one currency. Other words keep their spelling.
create function company.canonical_unit(unit text) returns text
language sql immutable strict set search_path = '' as $$
  select case
    when unit ~ '^[A-Za-z]{3}$' and upper(unit) = any (array['AED', 'ARS', 'AUD', 'BGN', 'BHD', 'BRL', 'CAD', 'CHF', 'CLP',
      'CNY', 'COP', 'CZK', 'DKK', 'EGP', 'EUR', 'GBP', 'HKD', 'HUF', 'IDR', 'ILS', 'INR', 'ISK', 'JPY', 'KES', 'KRW', 'KWD',
      'MAD', 'MXN', 'MYR', 'NGN', 'NOK', 'NZD', 'OMR', 'PEN', 'PHP', 'PKR', 'PLN', 'QAR', 'RON', 'RSD', 'RUB', 'SAR', 'SEK',
      'SGD', 'THB', 'TND', 'TRY', 'TWD', 'UAH', 'USD', 'UYU', 'VND', 'ZAR']) then upper(unit)
    else coalesce(('{"$": "USD", "us$": "USD", "dollar": "USD", "dollars": "USD", "us dollar": "USD", "us dollars": "USD",
      "€": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP", "pound sterling": "GBP", "pounds sterling": "GBP",
      "¥": "JPY", "yen": "JPY", "₹": "INR", "₩": "KRW", "₺": "TRY", "₽": "RUB", "₴": "UAH", "₪": "ILS", "₫": "VND",
      "₱": "PHP", "₦": "NGN", "a$": "AUD", "au$": "AUD", "c$": "CAD", "ca$": "CAD", "r$": "BRL", "hk$": "HKD",
      "nz$": "NZD", "s$": "SGD", "nt$": "TWD", "fr.": "CHF", "sfr.": "CHF", "zł": "PLN", "kč": "CZK", "%": "percent",
      "percent": "percent", "per cent": "percent", "pct": "percent", "ratio": "ratio"}'::jsonb) ->> lower(unit), unit)
  end
$$;
comment on function company.canonical_unit(text) is 'ISO code of a currency that has it, also of its sign and name; percent for %.';
revoke execute on function company.canonical_unit(text) from public;

create table company.kpi_metrics (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  company_id uuid references company.companies (id) on delete cascade,  -- null: shared by all companies of the organisation
  name text not null check (name = btrim(name) and name <> ''),
  name_key text not null generated always as (lower(regexp_replace(name, '[[:space:]_-]+', '', 'g'))) stored,
  unit text not null check (unit = btrim(unit) and unit <> ''),
  aggregation text not null check (aggregation in ('sum', 'avg', 'last', 'distinct', 'ratio')),
  formula jsonb,
  direction text check (direction in ('up', 'down')),
  grain text check (grain in ('day', 'week', 'month', 'quarter', 'year')),
  plan_of text check (plan_of <> ''),
  weight text check (weight <> ''),
  synonyms text[] not null default '{}',
  description text not null default '',
  created_at timestamptz not null default now(),
  unique nulls not distinct (organization_id, company_id, name_key),
  check ((aggregation = 'ratio') = (formula is not null)),
  check (weight is null or aggregation = 'avg'),
  check (formula is null or (
    jsonb_typeof(formula) = 'object'
    and jsonb_typeof(formula -> 'numerator') = 'object' and formula -> 'numerator' <> '{}'
    and jsonb_typeof(formula -> 'denominator') = 'object' and formula -> 'denominator' <> '{}'
  ) is true)
);
create index kpi_metrics_company on company.kpi_metrics (company_id);
comment on table company.kpi_metrics is 'What is measured, in which unit, and how numbers of several days become one.';
comment on column company.kpi_metrics.name_key is 'The name without case, spaces, underscores and hyphens.';
comment on column company.kpi_metrics.aggregation is
  'sum: added up. avg: mean of the recorded numbers. last: newest number of each department, added over departments. '
  'distinct: a count of different things, which adds up neither over days nor over departments. '
  'ratio: derived by formula, and has no numbers of its own.';
comment on column company.kpi_metrics.direction is
  'up: more is better. down: less is better. null: neither, so nobody judges a change.';
comment on column company.kpi_metrics.grain is
  'How often a number is recorded: one for each day, week, month, quarter or year. null: inferred from the dates.';
comment on column company.kpi_metrics.plan_of is
  'The name of the metric that this one is the plan or budget of. Like parts of a formula, of the same company or shared.';
comment on column company.kpi_metrics.weight is
  'The name of the metric whose number of the same department and day weighs a number of this one. null: an unweighted mean.';
comment on column company.kpi_metrics.formula is
  '{"numerator": {metric name: factor}, "denominator": {metric name: factor}}: each part is aggregated on its own, then '
  'divided. Parts are metrics of the same company, or shared ones, that are not ratios themselves.';

create table company.kpi_goals (
  id uuid primary key default gen_random_uuid(),
  metric_id uuid not null references company.kpi_metrics (id) on delete cascade,
  company_id uuid not null references company.companies (id) on delete cascade,
  starts_on date not null,
  ends_on date not null,
  direction text not null check (direction in ('at_least', 'at_most')),
  target numeric not null check (target not in ('NaN', 'Infinity', '-Infinity')),
  unique (metric_id, company_id, starts_on, ends_on),
  check (starts_on <= ends_on)
);
create index kpi_goals_company on company.kpi_goals (company_id);
comment on table company.kpi_goals is 'What a company aims at: the metric, aggregated over the whole range, against the target.';

create table company.kpi_data (
  metric_id uuid not null references company.kpi_metrics (id) on delete cascade,
  department_id uuid not null references company.departments (id) on delete cascade,
  date_recorded date not null,
  value numeric not null check (value not in ('NaN', 'Infinity', '-Infinity')),
  primary key (metric_id, department_id, date_recorded)
);
create index kpi_data_department on company.kpi_data (department_id);
comment on table company.kpi_data is 'One number for a metric, a department and a day. A day without a row has no data; it is not zero.';

-- ---------------------------------------------------------------------------------------------------------------
-- A number's metric and department must belong to one organisation: row level security shows a number by its department
-- and a metric by its organisation, so a mixed row would be partly visible to two organisations.
-- ---------------------------------------------------------------------------------------------------------------
create function company.check_kpi_data() returns trigger
language plpgsql set search_path = '' as $$
declare
  wrong record;
begin
  select metric.name as metric, department.name as department into wrong
    from written
    join company.kpi_metrics metric on metric.id = written.metric_id
    join company.departments department on department.id = written.department_id
    join company.companies company on company.id = department.company_id
   where metric.organization_id <> company.organization_id
      or metric.company_id <> company.id
      or metric.aggregation = 'ratio'
   limit 1;
  if found then
    raise exception 'metric "%" cannot have numbers of department "%": it is derived, or belongs to another company',
      wrong.metric, wrong.department using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger check_inserted after insert on company.kpi_data
  referencing new table as written for each statement execute function company.check_kpi_data();
create trigger check_updated after update on company.kpi_data
  referencing new table as written for each statement execute function company.check_kpi_data();
revoke execute on function company.check_kpi_data() from public;

create function company.write_canonical_unit() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.unit := company.canonical_unit(new.unit);
  return new;
end $$;
create trigger write_canonical_unit before insert or update of unit on company.kpi_metrics
  for each row execute function company.write_canonical_unit();
revoke execute on function company.write_canonical_unit() from public;

-- ---------------------------------------------------------------------------------------------------------------
-- Rights. The MCP login sees the organisation that its transaction names; members see their own. Both see departments,
-- goals and numbers only of the companies that they see.
-- ---------------------------------------------------------------------------------------------------------------
create function company.current_organization_id() returns uuid
language sql stable security definer set search_path = '' as $$
  select id from public.organizations where slug = current_setting('baton.organization', true)
$$;
comment on function company.current_organization_id() is
  'The organisation whose slug the transaction setting baton.organization holds; null, so no rows, when there is none.';
revoke execute on function company.current_organization_id() from public;
grant execute on function company.current_organization_id() to baton_mcp;

do $$
declare
  name text;
begin
  foreach name in array array['companies', 'departments', 'kpi_metrics', 'kpi_goals', 'kpi_data'] loop
    execute format('alter table company.%I enable row level security', name);
    execute format('revoke all on company.%I from public, anon, authenticated', name);
    execute format('grant select on company.%I to authenticated, baton_mcp', name);
  end loop;
  foreach name in array array['companies', 'kpi_metrics'] loop
    execute format($policy$
      create policy organization_of_the_transaction on company.%I for select to baton_mcp
        using (organization_id = (select company.current_organization_id()))
      $policy$, name);
    execute format($policy$
      create policy members_read on company.%I for select to authenticated
        using (organization_id in (select baton.organizations_of_caller()))
      $policy$, name);
  end loop;
end $$;
create policy of_visible_companies on company.departments for select to authenticated, baton_mcp
  using (company_id in (select id from company.companies));
create policy of_visible_companies on company.kpi_goals for select to authenticated, baton_mcp
  using (company_id in (select id from company.companies));
create policy of_visible_departments on company.kpi_data for select to authenticated, baton_mcp
  using (department_id in (select id from company.departments));

grant usage on schema company to authenticated, baton_mcp;

-- The MCP function sets these for every query, too. As defaults they apply to any other use of the login.
alter role baton_mcp set default_transaction_read_only = on;
alter role baton_mcp set statement_timeout = '8s';
alter role baton_mcp set lock_timeout = '5s';
alter role baton_mcp set idle_in_transaction_session_timeout = '30s';
alter role baton_mcp set search_path = '';
