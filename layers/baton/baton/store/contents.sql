-- Parts of single values, however large, for the caller. Every statement answers the value's size in bytes, its
-- SHA-256, and the bytes after `start`, at most `length` of them. It answers no row if there is no such value.

-- name: output
-- An output of a step as JSON: the one that other steps see or, with `attempt`, the one of that attempt.
with value as materialized (
  select convert_to((case
      when %(attempt)s::integer is null then coalesce(s.seen, s.outputs)
      when %(attempt)s::integer = s.attempt_number then s.outputs
      else t.outputs end -> %(name)s::text)::text, 'UTF8') as content
  from public.orchestration_steps s
  join public.organization_members m on m.organization_id = s.organization_id and m.user_id = %(user_id)s
  left join public.orchestration_step_attempts t
    on t.run_id = s.run_id and t.step_id = s.step_id and t.attempt_number = %(attempt)s::integer
  where s.run_id = %(run_id)s and s.step_id = %(step_id)s
)
select octet_length(content) as size, encode(sha256(content), 'hex') as sha256,
  substring(content from %(start)s::integer + 1 for %(length)s::integer) as part
from value where content is not null;

-- name: deliverable
-- The content of a deliverable, and its format.
with value as materialized (
  select convert_to(d.content, 'UTF8') as content, d.format
  from public.deliverables d
  join public.organization_members m on m.organization_id = d.organization_id and m.user_id = %(user_id)s
  where d.id = %(deliverable_id)s
)
select octet_length(content) as size, encode(sha256(content), 'hex') as sha256,
  substring(content from %(start)s::integer + 1 for %(length)s::integer) as part, format
from value;

-- name: deliverable_by_name
-- The content of the deliverable of that name in the same answer, and its format.
with value as materialized (
  select convert_to(d.content, 'UTF8') as content, d.format
  from public.deliverables known
  join public.organization_members m on m.organization_id = known.organization_id and m.user_id = %(user_id)s
  join public.deliverables d on d.run_id = known.run_id and d.step_id = known.step_id
    and d.attempt_number = known.attempt_number and d.name = %(name)s
  where known.id = %(deliverable_id)s
)
select octet_length(content) as size, encode(sha256(content), 'hex') as sha256,
  substring(content from %(start)s::integer + 1 for %(length)s::integer) as part, format
from value;

-- name: run_value
-- Another value of a run as JSON, at a path such as {error,message}, {steps,ID,error}, {attempts,ID,NUMBER,error},
-- {approvals,ID,notes}, {events,SEQUENCE,data} or {deliverables,ID,title}.
with value as materialized (
  select convert_to((case (%(path)s::text[])[1]
    when 'parameters' then r.parameters #> (%(path)s::text[])[2:]
    when 'parameterOverrides' then r.parameter_overrides #> (%(path)s::text[])[2:]
    when 'error' then r.error #> (%(path)s::text[])[2:]
    when 'results' then case when r.is_open then (
      select jsonb_build_object('steps', jsonb_object_agg(s.step_id, coalesce(s.seen, s.outputs)))
      from public.orchestration_steps s
      where s.run_id = r.id and s.item_index = -1 and coalesce(s.seen, s.outputs) is not null) else r.results end
      #> (%(path)s::text[])[2:]
    when 'displayName' then r.plan -> 'displayName'
    when 'steps' then (
      select jsonb_build_object('error', s.error, 'name', planned.step -> 'name') #> (%(path)s::text[])[3:]
      from public.orchestration_steps s
      left join lateral (select p.step from jsonb_array_elements(r.plan -> 'steps') as p (step)
        where p.step ->> 'id' = s.step_id) as planned on true
      where s.run_id = r.id and s.step_id = (%(path)s::text[])[2])
    when 'attempts' then (
      select jsonb_build_object('error', t.error, 'review', coalesce(
        o.metadata #> '{runtime,response,payload,content,deliverable,metadata,review}',
        o.metadata #> '{runtime,response,payload,metadata,review}')) #> (%(path)s::text[])[4:]
      from public.orchestration_step_attempts t join public.orchestration_steps s using (run_id, step_id),
      lateral (select case when s.attempt_number = t.attempt_number then s.metadata else t.metadata end) as o (metadata)
      where t.run_id = r.id and t.step_id = (%(path)s::text[])[2]
        and t.attempt_number::text = (%(path)s::text[])[3])
    when 'approvals' then (
      select jsonb_build_object('question', a.question, 'options', a.options, 'notes', a.notes,
        'modifications', a.modifications, 'review', baton.review_before(s.reviews, a.attempt_number), 'outputs',
        case when s.attempt_number = a.attempt_number then s.outputs else t.outputs end) #> (%(path)s::text[])[3:]
      from public.human_approvals a join public.orchestration_steps s using (run_id, step_id)
      left join public.orchestration_step_attempts t
        on t.run_id = a.run_id and t.step_id = a.step_id and t.attempt_number = a.attempt_number
      where a.run_id = r.id and a.id::text = (%(path)s::text[])[2])
    when 'events' then (
      select jsonb_build_object('data', e.data) #> (%(path)s::text[])[3:]
      from public.orchestration_events e where e.run_id = r.id and e.sequence::text = (%(path)s::text[])[2])
    when 'deliverables' then (
      select jsonb_build_object('title', d.title, 'type', d.type, 'format', d.format, 'metadata', d.metadata)
        #> (%(path)s::text[])[3:]
      from public.deliverables d where d.run_id = r.id and d.id::text = (%(path)s::text[])[2])
    end)::text, 'UTF8') as content
  from public.orchestration_runs r
  join public.organization_members m on m.organization_id = r.organization_id and m.user_id = %(user_id)s
  where r.id = %(run_id)s
)
select octet_length(content) as size, encode(sha256(content), 'hex') as sha256,
  substring(content from %(start)s::integer + 1 for %(length)s::integer) as part
from value where content is not null;

-- name: definition_value
-- A value of one version of a definition, at a path such as {description}, {parameters} or {steps}.
with value as materialized (
  select convert_to(((baton.plan_summary(d.plan)
    || jsonb_build_object('displayName', d.display_name, 'description', d.description)) #> %(path)s::text[])::text,
    'UTF8') as content
  from public.orchestration_definitions d
  join public.organizations o on o.id = d.organization_id
  where o.slug = %(organization)s and d.name = %(name)s and d.version = %(version)s
    and exists (select from public.organization_members m where m.user_id = %(user_id)s
      and (m.organization_id = o.id or o.slug = 'global'))
)
select octet_length(content) as size, encode(sha256(content), 'hex') as sha256,
  substring(content from %(start)s::integer + 1 for %(length)s::integer) as part
from value where content is not null;

-- name: agent_value
-- A value of an agent, at a path such as {description} or {accepts}.
with value as materialized (
  select convert_to((jsonb_build_object('displayName', a.display_name, 'description', a.description,
    'transport', a.transport, 'accepts', a.accepts, 'orchestrations', a.orchestrations) #> %(path)s::text[])::text,
    'UTF8') as content
  from public.agents a
  join public.organizations o on o.id = a.organization_id
  where o.slug = %(organization)s and a.slug = %(slug)s
    and exists (select from public.organization_members m where m.user_id = %(user_id)s
      and (m.organization_id = o.id or o.slug = 'global'))
)
select octet_length(content) as size, encode(sha256(content), 'hex') as sha256,
  substring(content from %(start)s::integer + 1 for %(length)s::integer) as part
from value where content is not null;
