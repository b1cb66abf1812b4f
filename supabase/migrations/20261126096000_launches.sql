-- Launches from state machines, and the day of a launch.

-- The time zone of an organisation decides which day it is there. A relative date such as `start of month` depends on it.
alter table public.organizations add column time_zone text not null default 'UTC'
  check (timezone(time_zone, timestamptz '2000-01-01 00:00:00Z') is not null);  -- an unknown zone is an error
comment on column public.organizations.time_zone is 'The IANA name of a time zone, such as Europe/Berlin.';
