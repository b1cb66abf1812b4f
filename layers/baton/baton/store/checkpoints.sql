-- What the checkpoint function looks up.

-- name: approval_of_step
-- The approval that a waiting Task's time-out is about, or null.
select baton.approval_of_step(%(run_id)s::uuid, %(step_id)s::text) as id;
