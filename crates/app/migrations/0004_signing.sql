-- Digital signatures of the National Certification Authority (Rules cl. 35.1). The rules of 0001 hold.

-- What somebody is asked to sign: a statement with a random number, bound like a code to the person, the session, the
-- operation and the hash of what is agreed; with the document before it, where there is one. Spent by one signature, in
-- the transaction of its proof.
create table signing (
    tenant_id          int not null references organization,
    id                 uuid not null,
    subject_id         uuid not null,
    session_id         uuid not null,
    operation          text not null,
    object_sha256      bytea not null check (length(object_sha256) = 32),
    way                text not null check (way in ('ncalayer', 'egov-mobile')),
    statement          text not null,
    document_evidence  uuid,
    tries              smallint not null default 0 check (tries between 0 and 5),
    fetched            smallint not null default 0 check (fetched between 0 and 20),
    -- Why the last signature was not taken: a refusal's code, for the page that waits for the phone.
    refused            text,
    created_at         timestamptz not null,
    expires_at         timestamptz not null,
    spent_at           timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, document_evidence) references evidence
);
create index signing_subject on signing (tenant_id, subject_id, created_at);

grant select, insert on signing to nesie_program;
grant update (tries, fetched, refused, expires_at, spent_at) on signing to nesie_program;
