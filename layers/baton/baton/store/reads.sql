-- The reads of the API. Every statement joins the caller's membership, so a caller sees no row of another organisation.
-- Every role may read; `viewer` may do nothing else.
--
-- Most statements answer each row as one JSON object, so that all rows fit into an answer of 4 MB, whatever is stored.
-- `fit_row` leaves out the largest values of a row that has more bytes than the number beside it, and `fit_rows` those
-- of all rows; `omitted` of a row says which. The statements of one route share the 4 MB.

-- name: membership
-- The organisation of a slug, if the caller is a member of it.
select o.id, o.slug
from public.organizations o
join public.organization_members m on m.organization_id = o.id and m.user_id = %(user_id)s
where o.slug = %(organization)s;

-- name: organizations
-- The organisations that the caller is a member of.
select o.slug
from public.organizations o
join public.organization_members m on m.organization_id = o.id and m.user_id = %(user_id)s
order by o.slug;

-- name: runs
-- Runs of the caller's organisations with one of the statuses that pass every filter, newest first, after a cursor. It
-- scans an index for each organisation and status. The name is in a SELECT of its own: then Postgres uses the index
-- that begins with the name, however many runs it expects to have it.
select jsonb_array_elements(baton.fit_rows(
  jsonb_agg(baton.fit_row(to_jsonb(q), '{definition_display_name,error.*}', 10000)),
  '{definition_display_name,error.*}', 3400000)) as row
from (
  with page as materialized (
    select r.id, o.slug as organization, r.status, r.definition_id, r.definition_name, r.definition_version,
      r.owner_agent_slug as owner_agent, r.generation, r.error, r.launched_by, r.created_at, r.started_at,
      r.completed_at, r.root_run_id, r.parent_run_id
    from public.organization_members m
    join public.organizations o on o.id = m.organization_id
    cross join unnest(%(statuses)s::text[]) as statuses (status)
    cross join lateral (
      select * from public.orchestration_runs r
      where r.organization_id = m.organization_id and r.status = statuses.status
        and (%(definition)s::text is null or r.definition_name = (select %(definition)s::text))
        and r.created_at >= coalesce(%(created_after)s::timestamptz, '-infinity')
        and (r.created_at, r.id) < (coalesce(%(before_at)s::timestamptz, 'infinity'), %(before_id)s::uuid)
      order by r.created_at desc, r.id desc
      limit %(limit)s
    ) r
    where m.user_id = %(user_id)s and (%(organization)s::text is null or o.slug = %(organization)s)
    order by r.created_at desc, r.id desc
    limit %(limit)s
  ), titles as materialized (
    select d.id, d.display_name
    from (select distinct definition_id from page) used
    join public.orchestration_definitions d on d.id = used.definition_id
  )
  select page.*, titles.display_name as definition_display_name
  from page join titles on titles.id = page.definition_id
  order by page.created_at desc, page.id desc
) as q;

-- name: runs_of_version
-- The same for the runs of one version, of all definitions with that version or of those with one name. It also scans
-- an index for each of these definitions.
select jsonb_array_elements(baton.fit_rows(
  jsonb_agg(baton.fit_row(to_jsonb(q), '{definition_display_name,error.*}', 10000)),
  '{definition_display_name,error.*}', 3400000)) as row
from (
  select r.id, o.slug as organization, r.status, r.definition_id, r.definition_name, r.definition_version,
    d.display_name as definition_display_name, r.owner_agent_slug as owner_agent, r.generation, r.error, r.launched_by,
    r.created_at, r.started_at, r.completed_at, r.root_run_id, r.parent_run_id
  from public.organization_members m
  join public.organizations o on o.id = m.organization_id
  join public.organizations owner on owner.id = m.organization_id or owner.slug = 'global'
  join public.orchestration_definitions d on d.organization_id = owner.id and d.version = %(version)s
    and (%(definition)s::text is null or d.name = %(definition)s)
  cross join unnest(%(statuses)s::text[]) as statuses (status)
  cross join lateral (
    select * from public.orchestration_runs r
    where r.definition_id = d.id and r.organization_id = m.organization_id and r.status = statuses.status
      and r.created_at >= coalesce(%(created_after)s::timestamptz, '-infinity')
      and (r.created_at, r.id) < (coalesce(%(before_at)s::timestamptz, 'infinity'), %(before_id)s::uuid)
    order by r.created_at desc, r.id desc
    limit %(limit)s
  ) r
  where m.user_id = %(user_id)s and (%(organization)s::text is null or o.slug = %(organization)s)
  order by r.created_at desc, r.id desc
  limit %(limit)s
) as q;

-- name: runs_of_parent
-- The same for the child runs of one run, which are few. OFFSET keeps Postgres from a scan of the organisation's runs.
select jsonb_array_elements(baton.fit_rows(
  jsonb_agg(baton.fit_row(to_jsonb(q), '{definition_display_name,error.*}', 10000)),
  '{definition_display_name,error.*}', 3400000)) as row
from (
  with own as materialized (
    select o.id, o.slug
    from public.organization_members m join public.organizations o on o.id = m.organization_id
    where m.user_id = %(user_id)s and (%(organization)s::text is null or o.slug = %(organization)s)
  )
  select r.id, own.slug as organization, r.status, r.definition_id, r.definition_name, r.definition_version, (
      select d.display_name from public.orchestration_definitions d where d.id = r.definition_id
    ) as definition_display_name, r.owner_agent_slug as owner_agent, r.generation, r.error, r.launched_by, r.created_at,
    r.started_at, r.completed_at, r.root_run_id, r.parent_run_id
  from (select * from public.orchestration_runs r where r.parent_run_id = %(parent)s offset 0) r
  join own on own.id = r.organization_id
  where r.status = any (%(statuses)s)
    and (%(definition)s::text is null or r.definition_name = %(definition)s)
    and (%(version)s::text is null or r.definition_version = %(version)s)
    and r.created_at >= coalesce(%(created_after)s::timestamptz, '-infinity')
    and (r.created_at, r.id) < (coalesce(%(before_at)s::timestamptz, 'infinity'), %(before_id)s::uuid)
  order by r.created_at desc, r.id desc
  limit %(limit)s
) as q;

-- name: run
-- One run with its parameters and results, and with seconds: until it began, in total, and of its reviews (reviews at
-- the same time are added up).
select jsonb_array_elements(baton.fit_rows(
  jsonb_agg(baton.fit_row(to_jsonb(q),
    '{definition_display_name,parameters.*,parameter_overrides.*,error.*,results.steps.*.*}', 900000)),
  '{definition_display_name,parameters.*,parameter_overrides.*,error.*,results.steps.*.*}', 1000000)) as row
from (
  select r.id, o.slug as organization, r.status, r.definition_id, r.definition_name, r.definition_version,
    r.plan ->> 'displayName' as definition_display_name, r.owner_agent_slug as owner_agent, r.generation,
    baton.newest_execution(%(user_id)s::uuid, r.id) #>> '{}' as execution_arn, r.parameters, r.parameter_overrides,
    case when r.is_open then current_results.results else r.results end as results, r.error,
    r.launched_by, r.created_at, r.started_at, r.completed_at, r.root_run_id,
    r.parent_run_id, r.forked_from_run_id, r.forked_from_step_id,
    extract(epoch from coalesce(r.started_at, r.completed_at, now()) - r.created_at) as timings_queued_seconds,
    extract(epoch from coalesce(r.completed_at, now()) - r.created_at) as timings_total_seconds,
    (select coalesce(sum(extract(epoch from coalesce(a.decided_at, r.completed_at, now()) - a.created_at)), 0)
     from public.human_approvals a where a.run_id = r.id) as timings_review_seconds
  from public.orchestration_runs r
  join public.organizations o on o.id = r.organization_id
  join public.organization_members m on m.organization_id = r.organization_id and m.user_id = %(user_id)s
  cross join lateral (
    select jsonb_build_object('steps', coalesce(jsonb_object_agg(s.step_id, coalesce(s.seen, s.outputs)) filter (
      where s.seen is not null or s.outputs is not null), '{}')) as results
    from public.orchestration_steps s where s.run_id = r.id and s.item_index = -1
  ) as current_results
  where r.id = %(run_id)s
) as q;

-- name: run_status
-- The short form of a run: its status, without parameters and results.
select jsonb_array_elements(baton.fit_rows(
  jsonb_agg(baton.fit_row(to_jsonb(q), '{error.*}', 100000)),
  '{error.*}', 150000)) as row
from (
  select r.id, o.slug as organization, r.status, r.generation,
    baton.newest_execution(%(user_id)s::uuid, r.id) #>> '{}' as execution_arn, r.error, r.created_at, r.started_at,
    r.completed_at
  from public.orchestration_runs r
  join public.organizations o on o.id = r.organization_id
  join public.organization_members m on m.organization_id = r.organization_id and m.user_id = %(user_id)s
  where r.id = %(run_id)s
) as q;

-- name: steps
-- The first steps of one run, or those after a place, in the order of the definition, with their names from the plan. A
-- for_each step has the number of its items, an orchestration step the child run of its current attempt. `total` counts
-- all steps. So do the parts below: `place` is that of the row among all. `bytes` and `row_bytes`, the limit of a row,
-- are null for an answer with all parts.
select jsonb_array_elements(baton.fit_part(
  jsonb_agg(baton.fit_row(to_jsonb(q), '{name,error.*}', coalesce(%(row_bytes)s::integer, 100000)) order by q.place),
  '{name,error.*}', coalesce(%(bytes)s::integer, 350000), false)) as row
from (
  with planned as materialized (
    select step ->> 'id' as id, step ->> 'name' as name
    from public.orchestration_runs r, jsonb_array_elements(r.plan -> 'steps') as step
    where r.id = %(run_id)s
  ), items as materialized (
    select i.item_of, count(*) as number from public.orchestration_steps i
    where i.run_id = %(run_id)s and i.item_of is not null group by i.item_of
  ), attempts as materialized (
    select t.step_id, count(*) as number from public.orchestration_step_attempts t
    where t.run_id = %(run_id)s and %(with_outputs)s group by t.step_id
  )
  select s.step_id as id, s.step_index as index, s.status, s.type, s.agent_slug as agent, s.mode, s.depends_on,
    s.attempt_number, s.error, s.started_at, s.completed_at, planned.name, s.skip_reason as reason, s.is_done as done,
    (select c.id from public.orchestration_runs c where c.parent_run_id = s.run_id and c.parent_step_id = s.step_id
     and c.parent_attempt = s.attempt_number) as child_run_id,
    coalesce(items.number, 0) as item_count, coalesce(attempts.number, 0) as attempt_count,
    row_number() over (order by s.step_index) as place, count(*) over () as total
  from public.orchestration_steps s
  join public.organization_members m on m.organization_id = s.organization_id and m.user_id = %(user_id)s
  left join planned on planned.id = s.step_id
  left join items on items.item_of = s.step_id
  left join attempts on attempts.step_id = s.step_id
  where s.run_id = %(run_id)s and s.item_of is null
) as q
where q.place > coalesce(%(after)s::bigint, 0) and q.place <= coalesce(%(after)s::bigint, 0) + %(limit)s;

-- name: run_items
-- The first items of the for_each steps of one run, or those of one step after a place. Errors of many share 100 kB.
select jsonb_array_elements(baton.fit_part(
  jsonb_agg(baton.fit_row(to_jsonb(q) - 'value_bytes', '{error.*}', q.value_bytes) order by q.place),
  '{error.*}', coalesce(%(bytes)s::integer, 500000), false)) as row
from (
  select i.item_of, i.item_index as index, i.status, i.attempt_number, i.error,
    least(4500, greatest(600, 100000 / greatest(1, count(i.error) over ())))::integer as value_bytes,
    row_number() over (order by i.item_index, i.step_index) as place, count(*) over () as total
  from public.orchestration_steps i
  join public.organization_members m on m.organization_id = i.organization_id and m.user_id = %(user_id)s
  where i.run_id = %(run_id)s and i.item_of is not null
    and (%(step_id)s::text is null or i.item_of = %(step_id)s::text)
) as q
where q.place > coalesce(%(after)s::bigint, 0) and q.place <= coalesce(%(after)s::bigint, 0) + %(limit)s;

-- name: run_attempts
-- The newest attempts of the steps of one run, or those after a place, without those of items, oldest first.
select jsonb_array_elements(baton.fit_part(
  jsonb_agg(baton.fit_row(to_jsonb(q), '{error.*}', coalesce(%(row_bytes)s::integer, 100000)) order by q.place),
  '{error.*}', coalesce(%(bytes)s::integer, 300000), %(after)s::bigint is null)) as row
from (
  select t.step_id, t.attempt_number, t.status, t.generation, t.deliveries, t.error, t.started_at, t.ended_at,
    row_number() over (order by t.started_at, t.attempt_number, t.step_id) as place, count(*) over () as total
  from public.orchestration_step_attempts t
  join public.orchestration_steps s on s.run_id = t.run_id and s.step_id = t.step_id and s.item_of is null
  join public.organization_members m on m.organization_id = t.organization_id and m.user_id = %(user_id)s
  where t.run_id = %(run_id)s
) as q
where q.place > coalesce(%(after)s::bigint, q.total - %(limit)s)
  and q.place <= coalesce(%(after)s::bigint, q.total) + %(limit)s;

-- name: run_reviews
-- The newest approvals of one run, or those after a place, in any status, oldest first, without the outputs.
select jsonb_array_elements(baton.fit_part(
  jsonb_agg(baton.fit_row(to_jsonb(q), '{question,options,notes,modifications}',
    coalesce(%(row_bytes)s::integer, 100000)) order by q.place),
  '{question,options,notes,modifications}', coalesce(%(bytes)s::integer, 300000), %(after)s::bigint is null)) as row
from (
  select a.id, a.run_id, o.slug as organization, a.step_id, a.attempt_number, a.status, a.question, a.options,
    a.decision, a.notes, a.modifications, a.decided_by, a.decided_at, a.closed_reason, a.created_at, a.expires_at,
    row_number() over (order by a.created_at, a.id) as place, count(*) over () as total
  from public.human_approvals a
  join public.organizations o on o.id = a.organization_id
  join public.organization_members m on m.organization_id = a.organization_id and m.user_id = %(user_id)s
  where a.run_id = %(run_id)s
) as q
where q.place > coalesce(%(after)s::bigint, q.total - %(limit)s)
  and q.place <= coalesce(%(after)s::bigint, q.total) + %(limit)s;

-- name: run_children
-- The newest child runs of one run, oldest first.
select jsonb_array_elements(baton.fit_part(
  jsonb_agg(to_jsonb(q) order by q.place), '{}', coalesce(%(bytes)s::integer, 250000), true)) as row
from (
  select c.id, c.parent_step_id as step_id, c.parent_attempt as attempt_number, c.status, c.definition_name,
    c.definition_version, c.created_at, c.started_at, c.completed_at,
    row_number() over (order by c.created_at, c.id) as place, count(*) over () as total
  from public.orchestration_runs c
  join public.organization_members m on m.organization_id = c.organization_id and m.user_id = %(user_id)s
  where c.parent_run_id = %(run_id)s
) as q
where q.place > q.total - %(limit)s;

-- name: run_approvals
-- The first pending approvals of one run and of the child runs below it, or those after a place, oldest first, with the
-- outputs to review, and the review with which the step was tried again. OFFSET keeps Postgres from a scan of all
-- pending approvals.
select jsonb_array_elements(baton.fit_part(
  jsonb_agg(baton.fit_row(to_jsonb(q),
    '{question,options,notes,modifications,review.notes,review.modifications,outputs.*}',
    coalesce(%(row_bytes)s::integer, least(740000, 4000000 / least(q.total, %(limit)s))::integer)) order by q.place),
  '{question,options,notes,modifications,review.notes,review.modifications,outputs.*}',
  coalesce(%(bytes)s::integer, 750000), false)) as row
from (
  with recursive tree as (
    select %(run_id)s::uuid as id
    union all
    select c.id from tree join public.orchestration_runs c on c.parent_run_id = tree.id
  )
  select a.id, a.run_id, o.slug as organization, a.step_id, a.attempt_number, a.status, a.question, a.options,
    a.decision, a.notes, a.modifications, a.decided_by, a.decided_at, a.closed_reason, a.created_at, a.expires_at,
    case when %(with_outputs)s then baton.review_before(s.reviews, a.attempt_number) end as review,
    case when %(with_outputs)s and s.attempt_number = a.attempt_number then s.outputs end as outputs,
    row_number() over (order by a.created_at, a.id) as place, count(*) over () as total
  from tree
  cross join lateral (
    select * from public.human_approvals a where a.run_id = tree.id and a.status = 'pending' offset 0
  ) a
  join public.organizations o on o.id = a.organization_id
  join public.organization_members m on m.organization_id = a.organization_id and m.user_id = %(user_id)s
  join public.orchestration_steps s on s.run_id = a.run_id and s.step_id = a.step_id
) as q
where q.place > coalesce(%(after)s::bigint, 0) and q.place <= coalesce(%(after)s::bigint, 0) + %(limit)s;

-- name: run_deliverables
-- The newest deliverables of one run, or those after a place, oldest first, without their content.
select jsonb_array_elements(baton.fit_part(
  jsonb_agg(baton.fit_row(to_jsonb(q), '{title,type,format}', 10000) order by q.place),
  '{title,type,format}', coalesce(%(bytes)s::integer, 250000), %(after)s::bigint is null)) as row
from (
  select d.id, d.run_id, o.slug as organization, d.step_id, d.attempt_number, d.agent_slug as agent, d.type, d.format,
    d.name, d.title, d.created_at,
    row_number() over (order by d.created_at, d.step_id, d.attempt_number, d.position) as place,
    count(*) over () as total
  from public.deliverables d
  join public.organizations o on o.id = d.organization_id
  join public.organization_members m on m.organization_id = d.organization_id and m.user_id = %(user_id)s
  where d.run_id = %(run_id)s
) as q
where q.place > coalesce(%(after)s::bigint, q.total - %(limit)s)
  and q.place <= coalesce(%(after)s::bigint, q.total) + %(limit)s;

-- name: events
-- The events of one run after a sequence number, in the order of their commits: as many as fit into one answer, at
-- least one. `more` says whether others follow.
with event as (
  select row_number() over (order by e.sequence) as place, baton.fit_rows(jsonb_build_array(baton.fit_row(to_jsonb(e),
    '{data.error.*,data.note,data.notes,data.question,data.reason,data.reviewUrl,data.stepIds,data.forkedFrom}',
    10000)), '{data.*}', 500000) -> 0 as row
  from (
    select e.id, o.slug as organization, e.sequence, e.type, e.run, e.data, e.created_at
    from public.orchestration_events e
    join public.organizations o on o.id = e.organization_id
    join public.organization_members m on m.organization_id = e.organization_id and m.user_id = %(user_id)s
    where e.run_id = %(run_id)s and e.sequence > %(after)s
    order by e.sequence
    limit %(limit)s + 1
  ) as e
), sized as (
  select place, row, sum(baton.answer_bytes(row)) over (order by place) as up_to_here from event
)
select row, exists (select from event later where later.place > sized.place) as more
from sized
where place <= %(limit)s and (place = 1 or up_to_here <= 3400000)
order by place;

-- name: approvals
-- Approvals of the caller's organisations, or of one of them, in one status, oldest first, after a cursor. `mine`: only
-- those that the caller may decide. It scans an index for each organisation.
select jsonb_array_elements(baton.fit_rows(
  jsonb_agg(baton.fit_row(to_jsonb(q), '{question,options,notes,modifications}', 10000)),
  '{question,options,notes,modifications}', 3400000)) as row
from (
  select a.id, a.run_id, o.slug as organization, a.step_id, a.attempt_number, a.status, a.question, a.options,
    a.decision, a.notes, a.modifications, a.decided_by, a.decided_at, a.closed_reason, a.created_at, a.expires_at
  from public.organization_members m
  join public.organizations o on o.id = m.organization_id
  cross join lateral (
    select * from public.human_approvals a
    where a.organization_id = m.organization_id and a.status = %(status)s
      and (a.created_at, a.id) > (coalesce(%(after_at)s::timestamptz, '-infinity'), %(after_id)s::uuid)
    order by a.created_at, a.id
    limit %(limit)s
  ) a
  where m.user_id = %(user_id)s and (%(organization)s::text is null or o.slug = %(organization)s)
    and (not %(mine)s or 'approver' = any (m.roles))
  order by a.created_at, a.id
  limit %(limit)s
) as q;

-- name: approval
-- One approval with the outputs to review, which are those of its attempt, also after the step was tried again. And
-- with the review for which that attempt was made.
select jsonb_array_elements(baton.fit_rows(
  jsonb_agg(baton.fit_row(to_jsonb(q),
    '{question,options,notes,modifications,review.notes,review.modifications,outputs.*}', 1600000)),
  '{question,options,notes,modifications,review.notes,review.modifications,outputs.*}', 1700000)) as row
from (
  select a.id, a.run_id, o.slug as organization, a.step_id, a.attempt_number, a.status, a.question, a.options,
    a.decision, a.notes, a.modifications, a.decided_by, a.decided_at, a.closed_reason, a.created_at, a.expires_at,
    baton.review_before(s.reviews, a.attempt_number) as review,
    case when s.attempt_number = a.attempt_number then s.outputs else t.outputs end as outputs
  from public.human_approvals a
  join public.organizations o on o.id = a.organization_id
  join public.organization_members m on m.organization_id = a.organization_id and m.user_id = %(user_id)s
  join public.orchestration_steps s on s.run_id = a.run_id and s.step_id = a.step_id
  left join public.orchestration_step_attempts t
    on t.run_id = a.run_id and t.step_id = a.step_id and t.attempt_number = a.attempt_number
  where a.id = %(approval_id)s
) as q;

-- name: review_reports
-- Agents' reports on people's notes, for one approval, or for all pending approvals in a run and below it. The agents
-- are those of the step, of its items, and of the first steps of its child run.
select jsonb_array_elements(baton.fit_part(
  jsonb_agg(baton.fit_row(to_jsonb(q) - 'place', '{report.applied,report.notApplied}', 100000)
    order by q.place, q.approval_id),
  '{report.applied,report.notApplied}', coalesce(%(bytes)s::integer, 150000), false)) as row
from (
  with recursive tree as (
    select %(run_id)s::uuid as id
    union all
    select c.id from tree join public.orchestration_runs c on c.parent_run_id = tree.id
  ), reviewed as (
    select a.id as approval_id, a.run_id, a.step_id, a.attempt_number
    from public.human_approvals a
    join public.organization_members m on m.organization_id = a.organization_id and m.user_id = %(user_id)s
    where a.id = %(approval_id)s
    union all
    select a.id, a.run_id, a.step_id, a.attempt_number
    from tree
    cross join lateral (
      select * from public.human_approvals a where a.run_id = tree.id and a.status = 'pending' offset 0
    ) a
    join public.organization_members m on m.organization_id = a.organization_id and m.user_id = %(user_id)s
    union all
    select reviewed.approval_id, s.run_id, s.step_id, s.attempt_number
    from reviewed
    join public.orchestration_runs c
      on c.parent_run_id = reviewed.run_id and c.parent_step_id = reviewed.step_id
      and c.parent_attempt = reviewed.attempt_number
    join public.orchestration_steps s on s.run_id = c.id and s.depends_on = '{}' and s.item_of is null
  ), attempts as (
    select approval_id, run_id, step_id, attempt_number from reviewed
    union all
    select reviewed.approval_id, i.run_id, i.step_id, i.attempt_number
    from reviewed join public.orchestration_steps i
      on i.run_id = reviewed.run_id and i.item_of = reviewed.step_id and i.item_attempt = reviewed.attempt_number
  )
  select attempts.approval_id, attempts.run_id, attempts.step_id, attempts.attempt_number, response.report,
    row_number() over (partition by attempts.approval_id order by attempts.run_id, t.started_at, attempts.step_id)
      as place,
    count(*) over (partition by attempts.approval_id) as total
  from attempts
  join public.orchestration_step_attempts t using (run_id, step_id, attempt_number)
  join public.orchestration_steps s using (run_id, step_id),
  -- The metadata of the current attempt are in the step's row.
  lateral (select case when s.attempt_number = attempts.attempt_number then s.metadata else t.metadata end)
    as own (metadata),
  lateral (select coalesce(own.metadata #> '{runtime,response,payload,content,deliverable,metadata,review}',
    own.metadata #> '{runtime,response,payload,metadata,review}')) as response (report)
  where jsonb_typeof(response.report) = 'object'
) as q;

-- name: approval_deliverable
-- The main deliverable of the reviewed attempt, with its content.
select jsonb_array_elements(baton.fit_rows(
  jsonb_agg(baton.fit_row(to_jsonb(q), '{title,type,format,content,metadata}', 1200000)),
  '{title,type,format,content,metadata}', 1300000)) as row
from (
  select d.id, d.run_id, o.slug as organization, d.step_id, d.attempt_number, d.agent_slug as agent, d.type, d.format,
    d.name, d.title, d.content, d.metadata, d.created_at
  from public.human_approvals a
  join public.organization_members m on m.organization_id = a.organization_id and m.user_id = %(user_id)s
  join public.organizations o on o.id = a.organization_id
  join public.deliverables d
    on d.run_id = a.run_id and d.step_id = a.step_id and d.attempt_number = a.attempt_number
  where a.id = %(approval_id)s
  order by d.position
  limit 1
) as q;

-- name: deliverable
-- One deliverable with its content.
select jsonb_array_elements(baton.fit_rows(
  jsonb_agg(baton.fit_row(to_jsonb(q), '{title,type,format,content,metadata}', 3400000)),
  '{title,type,format,content,metadata}', 3500000)) as row
from (
  select d.id, d.run_id, o.slug as organization, d.step_id, d.attempt_number, d.agent_slug as agent, d.type, d.format,
    d.name, d.title, d.content, d.metadata, d.created_at
  from public.deliverables d
  join public.organizations o on o.id = d.organization_id
  join public.organization_members m on m.organization_id = d.organization_id and m.user_id = %(user_id)s
  where d.id = %(deliverable_id)s
) as q;

-- name: definitions
-- The newest version of every definition that the caller may launch: those of their organisations and, if they have
-- one, the shared ones. With `name`, the first row is the definition that a launch without a version takes. An archived
-- version is listed only if `version` names it.
select jsonb_array_elements(baton.fit_rows(
  jsonb_agg(baton.fit_row(to_jsonb(q),
    '{display_name,description,plan.parameters,plan.constraints,plan.steps}', %(value_bytes)s::integer)),
  '{display_name,description,plan.parameters,plan.constraints,plan.steps}', 3400000)) as row
from (
  with visible as materialized (
    select o.id, o.slug
    from public.organization_members m join public.organizations o on o.id = m.organization_id
    where m.user_id = %(user_id)s and (%(organization)s::text is null or o.slug in (%(organization)s, 'global'))
    union
    select g.id, g.slug from public.organizations g
    where g.slug = 'global' and exists (select from public.organization_members m where m.user_id = %(user_id)s)
  )
  select * from (
    select distinct on (o.id, d.name) d.id, o.slug as organization, d.name, d.version, d.display_name, d.description,
      d.owner_agent_slug as owner_agent, d.created_at, d.archived_at,
      baton.plan_summary(d.plan) as plan
    from visible o
    join public.orchestration_definitions d on d.organization_id = o.id
    where (%(name)s::text is null or d.name = %(name)s)
      and case when %(version)s::text is null then d.archived_at is null else d.version = %(version)s end
    order by o.id, d.name, string_to_array(d.version, '.')::int[] desc
  ) newest
  where %(after_id)s::uuid is null or (name, organization = 'global', organization) > (
    select d.name, o.slug = 'global', o.slug from public.orchestration_definitions d
    join public.organizations o on o.id = d.organization_id where d.id = %(after_id)s::uuid)
  order by name, (organization = 'global'), organization
  limit %(limit)s
) as q;

-- name: versions
-- Every version of one name that the caller may see, also archived ones: an organisation's own first, newest first.
select jsonb_array_elements(baton.fit_rows(
  jsonb_agg(baton.fit_row(to_jsonb(q),
    '{display_name,description,plan.parameters,plan.constraints,plan.steps}', %(value_bytes)s::integer)),
  '{display_name,description,plan.parameters,plan.constraints,plan.steps}', 3400000)) as row
from (
  with visible as materialized (
    select o.id, o.slug
    from public.organization_members m join public.organizations o on o.id = m.organization_id
    where m.user_id = %(user_id)s and (%(organization)s::text is null or o.slug in (%(organization)s, 'global'))
    union
    select g.id, g.slug from public.organizations g
    where g.slug = 'global' and exists (select from public.organization_members m where m.user_id = %(user_id)s)
  )
  select d.id, o.slug as organization, d.name, d.version, d.display_name, d.description,
    d.owner_agent_slug as owner_agent, d.created_at, d.archived_at,
      baton.plan_summary(d.plan) as plan
  from visible o
  join public.orchestration_definitions d on d.organization_id = o.id
  left join lateral (
    select l.version, owner.slug from public.orchestration_definitions l
    join public.organizations owner on owner.id = l.organization_id where l.id = %(after_id)s::uuid) as last on true
  where d.name = %(name)s and (%(after_id)s::uuid is null
    or (o.slug = 'global', o.slug) > (last.slug = 'global', last.slug)
    or o.slug = last.slug and string_to_array(d.version, '.')::int[] < string_to_array(last.version, '.')::int[])
  order by (o.slug = 'global'), o.slug, string_to_array(d.version, '.')::int[] desc
  limit %(limit)s
) as q;

-- name: agents
-- Every agent that the caller may use: those of their organisations and, if they have one, the shared ones. With
-- `slug`, the first row is the agent that a step calls.
select jsonb_array_elements(baton.fit_rows(
  jsonb_agg(baton.fit_row(to_jsonb(q), '{display_name,description,transport,accepts,orchestrations}',
    %(value_bytes)s::integer)),
  '{display_name,description,transport,accepts,orchestrations}', 3400000)) as row
from (
  with visible as materialized (
    select o.id, o.slug
    from public.organization_members m join public.organizations o on o.id = m.organization_id
    where m.user_id = %(user_id)s and (%(organization)s::text is null or o.slug in (%(organization)s, 'global'))
    union
    select g.id, g.slug from public.organizations g
    where g.slug = 'global' and exists (select from public.organization_members m where m.user_id = %(user_id)s)
  )
  select a.id, a.slug, o.slug as organization, a.display_name, a.description, a.kind, a.transport, a.accepts,
    a.orchestrations, a.source, a.created_at, a.updated_at
  from visible o
  join public.agents a on a.organization_id = o.id
  where (%(slug)s::text is null or a.slug = %(slug)s)
    and (%(after_id)s::uuid is null or (a.slug, o.slug = 'global', o.slug) > (
      select l.slug, owner.slug = 'global', owner.slug from public.agents l
      join public.organizations owner on owner.id = l.organization_id where l.id = %(after_id)s::uuid))
  order by a.slug, (o.slug = 'global'), o.slug
  limit %(limit)s
) as q;
