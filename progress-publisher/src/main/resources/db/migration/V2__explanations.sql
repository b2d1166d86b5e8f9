-- What each request asked and what was decided about it, to explain it. It is kept as long as the
-- request.

alter table requests
  -- the canonical params, exactly what was hashed; left out when longer than 64 KiB
  add column params       text,
  add column params_bytes integer,
  add column scope        text,
  add column workspace_id text,
  -- how it was asked: none of this is hashed
  add column asked        json;

create table decisions (
  request_hash    text not null,
  sequence        bigint not null,
  kind            text not null,
  organization_id text not null default '',
  request_id      text,
  job_id          text,
  decision        json not null,
  primary key (request_hash, sequence)
);
