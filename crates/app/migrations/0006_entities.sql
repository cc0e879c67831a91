-- Legal entities as clients (Rules cl. 6.b). The rules of 0001 hold.

-- Whoever is a party to a credit: an individual or a legal entity (Rules cl. 2: client). What hangs on a credit hangs on
-- this; what hangs on a person (sessions, proofs, passwords) on client.
create table party (
    tenant_id  int not null references organization,
    id         uuid not null,
    kind       text not null check (kind in ('individual', 'entity')),
    primary key (tenant_id, id)
);
insert into party (tenant_id, id, kind) select tenant_id, id, 'individual' from client;
alter table client add foreign key (tenant_id, id) references party;

create table entity (
    tenant_id      int not null references organization,
    id             uuid not null,
    bin            text not null check (bin ~ '^[0-9]{12}$'),
    name           text not null check (length(name) between 1 and 300),
    phone          text not null,
    email          text,
    language       text not null check (language in ('kk', 'ru', 'en')),
    registered_at  timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, bin),
    foreign key (tenant_id, id) references party
);

alter table application drop constraint application_tenant_id_client_id_fkey;
alter table application add foreign key (tenant_id, client_id) references party;
alter table agreement drop constraint agreement_tenant_id_client_id_fkey;
alter table agreement add foreign key (tenant_id, client_id) references party;
alter table loan drop constraint loan_tenant_id_client_id_fkey;
alter table loan add foreign key (tenant_id, client_id) references party;
alter table document drop constraint document_tenant_id_client_id_fkey;
alter table document add foreign key (tenant_id, client_id) references party;
alter table account drop constraint account_tenant_id_client_id_fkey;
alter table account add foreign key (tenant_id, client_id) references party;

-- A file that somebody sent: the original is evidence in the bytes it came in, and so is what was drawn from it for
-- people to look at. verdict says what the scanner for malware said, and by which signatures; where none is installed,
-- that is what stands here.
create table upload (
    tenant_id    int not null references organization,
    id           uuid not null,
    client_id    uuid not null,
    media_type   text not null check (media_type in ('image/jpeg', 'image/png', 'application/pdf')),
    sha256       bytea not null check (length(sha256) = 32),
    verdict      text not null check (verdict in ('clean', 'not-scanned')),
    signatures   text check (length(signatures) <= 200),
    evidence_id  uuid not null,
    shown_id     uuid,
    taken_at     timestamptz not null,
    primary key (tenant_id, id),
    check ((verdict = 'clean') = (signatures is not null)),
    foreign key (tenant_id, client_id) references client,
    foreign key (tenant_id, evidence_id) references evidence,
    foreign key (tenant_id, shown_id) references evidence
);

-- A person asks to act for a legal entity. Nothing in it has effect until it is confirmed by two methods (Rules cl. 6.d)
-- and an employee has read the document.
create table entity_registration (
    tenant_id        int not null references organization,
    id               uuid not null,
    client_id        uuid not null,
    bin              text not null,
    name             text not null,
    phone            text not null,
    email            text,
    language         text not null,
    role             text not null check (role in ('head', 'signer', 'applicant', 'viewer')),
    basis            text not null check (basis in ('order', 'power-of-attorney')),
    document_number  text not null,
    dated            date not null,
    valid_until      date,
    upload_id        uuid not null,
    state            text not null check (state in ('begun', 'confirmed', 'accepted', 'refused')),
    confirmation_id  uuid,
    created_at       timestamptz not null,
    expires_at       timestamptz not null,
    confirmed_at     timestamptz,
    decided_at       timestamptz,
    decided_by       uuid,
    reason           text check (length(reason) <= 300),
    primary key (tenant_id, id),
    unique (tenant_id, confirmation_id),
    check ((state = 'begun') = (confirmation_id is null)),
    check ((state in ('accepted', 'refused')) = (decided_by is not null)),
    foreign key (tenant_id, client_id) references client,
    foreign key (tenant_id, upload_id) references upload,
    foreign key (tenant_id, confirmation_id) references confirmation,
    foreign key (tenant_id, decided_by) references staff
);
create index entity_registration_client on entity_registration (tenant_id, client_id, created_at);
create index entity_registration_waiting on entity_registration (tenant_id, confirmed_at) where state = 'confirmed';

-- Who may act for a legal entity, by which document, until when. It is ended, never changed.
create table authority (
    tenant_id        int not null references organization,
    id               uuid not null,
    entity_id        uuid not null,
    client_id        uuid not null,
    registration_id  uuid not null,
    role             text not null check (role in ('head', 'signer', 'applicant', 'viewer')),
    basis            text not null check (basis in ('order', 'power-of-attorney')),
    document_number  text not null,
    valid_from       date not null,
    valid_until      date,
    granted_at       timestamptz not null,
    revoked_at       timestamptz,
    revoked_by       uuid,
    primary key (tenant_id, id),
    unique (tenant_id, registration_id),
    check ((basis = 'order') = (role = 'head')),
    check (valid_until >= valid_from),
    check ((revoked_at is null) = (revoked_by is null)),
    foreign key (tenant_id, entity_id) references entity,
    foreign key (tenant_id, client_id) references client,
    foreign key (tenant_id, registration_id) references entity_registration
);
create index authority_client on authority (tenant_id, client_id);
create index authority_entity on authority (tenant_id, entity_id);

-- For whom a session acts; none: for the person who signed in.
alter table session add column authority_id uuid;
alter table session add foreign key (tenant_id, authority_id) references authority;

-- An agreement names who signs it for an entity, so each of them has their own to read.
alter table offer add column authority_id uuid;
alter table offer add foreign key (tenant_id, authority_id) references authority;
alter table offer drop constraint offer_tenant_id_application_id_dated_key;
alter table offer add unique nulls not distinct (tenant_id, application_id, dated, authority_id);
alter table agreement add column authority_id uuid;
alter table agreement add foreign key (tenant_id, authority_id) references authority;

-- What somebody did for an entity is recorded with the power by which they did it.
alter table audit_event add column authority_id uuid;

grant select, insert on party, entity, upload, entity_registration, authority to nesie_program;
-- Not its BIN (Rules cl. 6.g).
grant update (name, phone, email, language) on entity to nesie_program;
grant update (state, confirmation_id, confirmed_at, decided_at, decided_by, reason) on entity_registration to nesie_program;
grant update (revoked_at, revoked_by) on authority to nesie_program;
