-- Demonstration data: two companies of organisation `demo` with daily numbers of 2024 and 2025. The numbers are invented,
-- but always the same: base × growth × season × weekday × noise, where the noise comes from md5 and all arithmetic
-- is numeric. Running the file again changes nothing.

insert into public.organizations (slug, name) values ('demo', 'Demo') on conflict (slug) do nothing;

insert into company.companies (organization_id, name)
select id, unnest(array['Aurora Software', 'Borealis Services']) from public.organizations where slug = 'demo'
on conflict (organization_id, name) do nothing;

insert into company.departments (company_id, name)
select company.id, seed.department
  from (values
    ('Aurora Software', 'Platform'),
    ('Aurora Software', 'Analytics'),
    ('Borealis Services', 'Consulting'),
    ('Borealis Services', 'Support')
  ) as seed (company, department)
  join company.companies company on company.name = seed.company
  join public.organizations organization on organization.id = company.organization_id and organization.slug = 'demo'
on conflict (company_id, name) do nothing;

insert into company.kpi_metrics (organization_id, name, unit, aggregation, direction, formula, synonyms, description)
select organization.id, seed.name, seed.unit, seed.aggregation, seed.direction, seed.formula::jsonb, seed.synonyms,
       seed.description
  from (values
    ('revenue', 'USD', 'sum', 'up', null, array['sales', 'turnover', 'income'], 'Recognised revenue of the day.'),
    ('expenses', 'USD', 'sum', 'down', null, array['costs', 'cost', 'spending', 'opex'], 'Expenses booked on the day.'),
    ('profit_margin', 'ratio', 'ratio', 'up',
     '{"numerator": {"revenue": 1, "expenses": -1}, "denominator": {"revenue": 1}}',
     array['margin', 'net margin'], 'What is left of revenue after expenses, as a share of revenue.'),
    ('arr', 'USD', 'last', 'up', null, array['annual recurring revenue', 'recurring revenue'],
     'Annual recurring revenue at the end of the day.'),
    ('churn', 'percent', 'avg', 'down', null, array['churn rate', 'customer churn', 'attrition'],
     'Customers lost, as a share of all customers, annualised.'),
    ('new_customers', 'customers', 'sum', 'up', null, array['customers won', 'signups'], 'Contracts signed on the day.'),
    ('headcount', 'people', 'last', null, null, array['employees', 'staff', 'fte'], 'People employed at the end of the day.'),
    ('nps', 'points', 'avg', 'up', null, array['net promoter score', 'satisfaction'], 'Net promoter score of the day''s survey.')
  ) as seed (name, unit, aggregation, direction, formula, synonyms, description)
  cross join public.organizations organization
 where organization.slug = 'demo'
on conflict (organization_id, company_id, name_key) do nothing;

-- growth and noise are shares: growth 0.30 is 30 % a year, noise 0.10 moves a day by up to 10 % either way.
with seed (department, metric, base, growth, noise, decimals, seasonal, weekdays) as (values
  ('Platform', 'revenue', 41200.00, 0.24, 0.09, 2, true, true),
  ('Analytics', 'revenue', 18650.00, 0.41, 0.12, 2, true, true),
  ('Consulting', 'revenue', 26900.00, 0.07, 0.16, 2, true, true),
  ('Support', 'revenue', 9350.00, 0.12, 0.06, 2, false, true),
  ('Platform', 'expenses', 27100.00, 0.15, 0.05, 2, false, true),
  ('Analytics', 'expenses', 15900.00, 0.22, 0.07, 2, false, true),
  ('Consulting', 'expenses', 21800.00, 0.09, 0.08, 2, true, true),
  ('Support', 'expenses', 7700.00, 0.05, 0.05, 2, false, true),
  ('Platform', 'arr', 9840000.00, 0.26, 0.001, 2, false, false),
  ('Analytics', 'arr', 4310000.00, 0.43, 0.001, 2, false, false),
  ('Consulting', 'arr', 2150000.00, 0.05, 0.001, 2, false, false),
  ('Support', 'arr', 2980000.00, 0.13, 0.001, 2, false, false),
  ('Platform', 'churn', 4.10, -0.12, 0.06, 2, false, false),
  ('Analytics', 'churn', 5.80, -0.18, 0.08, 2, false, false),
  ('Consulting', 'churn', 7.40, 0.06, 0.09, 2, false, false),
  ('Support', 'churn', 3.20, -0.02, 0.05, 2, false, false),
  ('Platform', 'new_customers', 9.2, 0.20, 0.35, 0, true, true),
  ('Analytics', 'new_customers', 6.1, 0.35, 0.40, 0, true, true),
  ('Consulting', 'new_customers', 2.4, 0.05, 0.60, 0, true, true),
  ('Support', 'new_customers', 3.3, 0.10, 0.45, 0, false, true),
  ('Platform', 'headcount', 64, 0.14, 0.00, 0, false, false),
  ('Analytics', 'headcount', 38, 0.25, 0.00, 0, false, false),
  ('Consulting', 'headcount', 52, 0.06, 0.00, 0, false, false),
  ('Support', 'headcount', 31, 0.03, 0.00, 0, false, false),
  ('Platform', 'nps', 41.0, 0.06, 0.12, 1, false, false),
  ('Analytics', 'nps', 36.0, 0.11, 0.14, 1, false, false),
  ('Consulting', 'nps', 48.0, -0.04, 0.10, 1, false, false),
  ('Support', 'nps', 33.0, 0.08, 0.15, 1, false, false)
),
day (date, years, season, weekday) as (
  select date '2024-01-01' + offset_days,
         offset_days / 365.25,
         (array[0.93, 0.95, 1.03, 0.99, 1.00, 1.05, 0.94, 0.91, 1.04, 1.06, 1.09, 1.01])
           [extract(month from date '2024-01-01' + offset_days)::int],
         (array[1.12, 1.16, 1.18, 1.15, 1.08, 0.68, 0.63])
           [extract(isodow from date '2024-01-01' + offset_days)::int]
    from generate_series(0, date '2025-12-31' - date '2024-01-01') as offset_days
),
one_off (department, metric, date, factor) as (values
  ('Platform', 'expenses', date '2024-08-20', 7.5),    -- a data centre contract paid for the year
  ('Consulting', 'revenue', date '2024-09-27', 5.0),   -- a large project invoiced at once
  ('Analytics', 'revenue', date '2025-03-31', 6.0),
  ('Support', 'expenses', date '2025-11-12', 4.5)
),
number as (
  select seed.metric, seed.department, day.date,
         round(seed.base
           * (1 + seed.growth * day.years)
           * case when seed.seasonal then day.season else 1 end
           * case when seed.weekdays then day.weekday else 1 end
           * (1 + seed.noise * (
               ('x' || substr(md5(seed.metric || '/' || seed.department || '/' || to_char(day.date, 'YYYY-MM-DD')), 1, 7))::bit(28)::int % 2001 - 1000
             ) / 1000.0)
           * coalesce(one_off.factor, 1), seed.decimals) as value
    from seed cross join day
    left join one_off using (department, metric, date)
)
insert into company.kpi_data (metric_id, department_id, date_recorded, value)
select metric.id, department.id, number.date, number.value
  from number
  join public.organizations organization on organization.slug = 'demo'
  join company.companies company on company.organization_id = organization.id
  join company.departments department on department.company_id = company.id and department.name = number.department
  join company.kpi_metrics metric on metric.organization_id = organization.id and metric.company_id is null
    and metric.name = number.metric
 where company.name in ('Aurora Software', 'Borealis Services')
on conflict (metric_id, department_id, date_recorded) do nothing;

insert into company.kpi_goals (metric_id, company_id, starts_on, ends_on, direction, target)
select metric.id, company.id, make_date(seed.year, 1, 1), make_date(seed.year, 12, 31), seed.direction, seed.target
  from (values
    ('Aurora Software', 'revenue', 2024, 'at_least', 25000000),
    ('Aurora Software', 'revenue', 2025, 'at_least', 32000000),
    ('Aurora Software', 'expenses', 2024, 'at_most', 17500000),
    ('Aurora Software', 'expenses', 2025, 'at_most', 20000000),
    ('Aurora Software', 'profit_margin', 2024, 'at_least', 0.30),
    ('Aurora Software', 'profit_margin', 2025, 'at_least', 0.35),
    ('Aurora Software', 'arr', 2024, 'at_least', 18500000),
    ('Aurora Software', 'arr', 2025, 'at_least', 23000000),
    ('Aurora Software', 'churn', 2025, 'at_most', 4.00),
    ('Borealis Services', 'revenue', 2024, 'at_least', 13500000),
    ('Borealis Services', 'revenue', 2025, 'at_least', 14500000),
    ('Borealis Services', 'expenses', 2025, 'at_most', 12000000),
    ('Borealis Services', 'profit_margin', 2025, 'at_least', 0.18),
    ('Borealis Services', 'churn', 2025, 'at_most', 5.50)
  ) as seed (company, metric, year, direction, target)
  join public.organizations organization on organization.slug = 'demo'
  join company.companies company on company.organization_id = organization.id and company.name = seed.company
  join company.kpi_metrics metric on metric.organization_id = organization.id and metric.company_id is null
    and metric.name = seed.metric
on conflict (metric_id, company_id, starts_on, ends_on) do nothing;
