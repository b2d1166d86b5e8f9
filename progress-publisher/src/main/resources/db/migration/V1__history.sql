-- The read model of requests and jobs. Everything here can be rebuilt from the topics.

create table jobs (
  job_id             text primary key,
  request_hash       text not null,
  type               text,
  tier               text,
  status             text not null default 'queued'
                     check (status in ('queued', 'processing', 'retrying', 'completed', 'failed', 'cancelled')),
  attempt            integer not null default 1,
  retry_count        integer not null default 0,
  epoch              bigint,
  run_id             text,
  -- the last decision applied; decisions about one hash are ordered by it
  decision_sequence  bigint not null default -1,
  progress           integer not null default 0,
  processed_items    bigint,
  total_items        bigint,
  message            text,
  eta_ms             bigint,
  -- the last progress applied
  progress_run_id    text,
  progress_attempt   integer not null default 0,
  progress_sequence  bigint not null default -1,
  queued_at          timestamptz,
  waiting_since      timestamptz,
  not_before         timestamptz,
  started_at         timestamptz,
  ended_at           timestamptz,
  updated_at         timestamptz not null
);

create index jobs_open on jobs (tier, status, waiting_since) where ended_at is null;
create index jobs_hash on jobs (request_hash);

create table requests (
  id                   bigint generated always as identity primary key,
  organization_id      text not null default '',
  request_id           text not null,
  -- of a rejected request: 'rejected:' and where it stood
  request_hash         text not null,
  type                 text,
  tier                 text,
  -- queued until it ends; how far an open one is, its job says
  status               text not null default 'queued'
                       check (status in ('queued', 'completed', 'failed', 'cancelled', 'expired', 'rejected')),
  source               text,
  job_id               text,
  attempts             integer not null default 0,
  wait_ms              bigint,
  run_ms               bigint,
  saved_ms             bigint,
  error                json,
  result               json,
  result_ref           text,
  result_bytes         bigint,
  result_sha256        text,
  user_id              text,
  tags                 text[] not null default '{}',
  origin               text,
  error_code           text,
  error_message        text,
  error_field          text,
  decision_sequence    bigint not null default -1,
  -- where the completion stands
  completion_partition integer,
  completion_offset    bigint,
  created_at           timestamptz not null,
  updated_at           timestamptz not null,
  completed_at         timestamptz,
  unique (organization_id, request_id, request_hash)
);

create index requests_newest on requests (created_at desc, id desc);
create index requests_organization on requests (organization_id, created_at desc, id desc);
create index requests_status on requests (status, created_at desc, id desc);
create index requests_type on requests (type, created_at desc, id desc);
create index requests_request_id on requests (request_id text_pattern_ops);
create index requests_job_id on requests (job_id text_pattern_ops);
create index requests_tags on requests using gin (tags);

-- What only this database knows, such as the key that cursors are signed with.
create table secrets (
  name  text primary key,
  value bytea not null
);
