-- Preparing a decision.

-- name: approval_terms
-- What a decision on an approval may contain, for a member of its organisation.
select a.run_id, o.slug as organization, m.roles, r.plan, r.parameters || r.parameter_overrides as parameters
from public.human_approvals a
join public.orchestration_runs r on r.id = a.run_id
join public.organizations o on o.id = a.organization_id
join public.organization_members m on m.organization_id = a.organization_id and m.user_id = %(user_id)s
where a.id = %(approval_id)s;
