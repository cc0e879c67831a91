-- A liveness challenge: bound to one person, session, operation and hash of what is agreed; spent once. `course` is
-- where it stands (crate face); only the hash of its nonce is kept.
create table liveness (
    tenant_id      int not null references organization,
    id             uuid not null,
    subject_id     uuid not null,
    session_id     uuid not null,
    operation      text not null,
    object_sha256  bytea not null check (length(object_sha256) = 32),
    nonce_sha256   bytea not null check (length(nonce_sha256) = 32),
    course         jsonb not null,
    frames         int not null default 0 check (frames between 0 and 400),
    last_at        timestamptz not null,
    created_at     timestamptz not null,
    expires_at     timestamptz not null,
    ended          text check (ended in ('spent', 'broken', 'replayed')),
    evidence_id    uuid,
    primary key (tenant_id, id),
    unique (tenant_id, nonce_sha256),
    check ((ended is null) = (evidence_id is null)),
    foreign key (tenant_id, evidence_id) references evidence
);

-- Each frame ever shown, by its hash: shown once, it is no one's second time.
create table liveness_frame (
    tenant_id    int not null references organization,
    sha256       bytea not null check (length(sha256) = 32),
    liveness_id  uuid not null,
    at_ms        int not null check (at_ms >= 0),
    seen         jsonb not null,
    primary key (tenant_id, sha256),
    foreign key (tenant_id, liveness_id) references liveness
);
create index liveness_frame_of on liveness_frame (tenant_id, liveness_id, at_ms);

-- A session with a provider that looks at the face on pages of its own: bound like a challenge, and spent once.
create table hosted_face (
    tenant_id      int not null references organization,
    id             uuid not null,
    subject_id     uuid not null,
    session_id     uuid not null,
    operation      text not null,
    object_sha256  bytea not null check (length(object_sha256) = 32),
    provider_id    text not null,
    address        text not null,
    created_at     timestamptz not null,
    expires_at     timestamptz not null,
    ended          text check (ended in ('passed', 'failed')),
    evidence_id    uuid,
    primary key (tenant_id, id),
    unique (tenant_id, provider_id),
    check ((ended is null) = (evidence_id is null)),
    foreign key (tenant_id, evidence_id) references evidence
);
create index hosted_face_subject on hosted_face (tenant_id, subject_id, created_at) where ended is null;

grant select, insert on liveness, liveness_frame, hosted_face to nesie_program;
grant update (course, frames, last_at, ended, evidence_id) on liveness to nesie_program;
grant update (ended, evidence_id) on hosted_face to nesie_program;
