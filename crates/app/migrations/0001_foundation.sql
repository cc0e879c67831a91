-- The foundation: who, what proves it, what was agreed, what moved.
--
-- Rules that every table keeps (guarded by a test on the catalogue): tenant_id first in every key and in
-- every where; ids made by the program (UUIDv7); no triggers, no sequences, no deferrable constraints; one
-- instant, handed in, for everything a transaction writes. Amounts are tiyn. What must never change is
-- enforced by missing grants to the program's role, at the end of this file.

create table organization (
    tenant_id  int primary key,
    body       jsonb not null,
    -- A mark by the vault's key: a program with another key must not start.
    key_check  bytea not null check (length(key_check) = 32)
);

create table product (
    tenant_id   int not null references organization,
    id          uuid not null,
    code        text not null,
    body        jsonb not null,
    offered     boolean not null,
    created_at  timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, code)
);

-- Evidence: original bytes, hashed in clear, sealed with a key that is not in this database.
create table evidence (
    tenant_id    int not null references organization,
    id           uuid not null,
    kind         text not null,
    subject_id   uuid not null,
    object_id    uuid,
    media_type   text not null,
    sha256       bytea not null check (length(sha256) = 32),
    size         int not null check (size between 0 and 20000000),
    key_version  int not null,
    nonce        bytea not null check (length(nonce) = 24),
    sealed       bytea not null,
    created_at   timestamptz not null,
    primary key (tenant_id, id)
);
create index evidence_object on evidence (tenant_id, object_id);

create table client (
    tenant_id             int not null references organization,
    id                    uuid not null,
    iin                   text not null check (iin ~ '^[0-9]{12}$'),
    surname               text not null,
    given_name            text not null,
    patronymic            text,
    born_on               date not null,
    document_number       text not null,
    document_valid_until  date not null,
    phone                 text not null,
    phone_checked_at      timestamptz not null,
    email                 text,
    language              text not null check (language in ('kk', 'ru', 'en')),
    password              text not null,
    photo_evidence        uuid not null,
    registered_at         timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, iin),
    unique (tenant_id, phone),
    foreign key (tenant_id, photo_evidence) references evidence
);

-- A registration under way: nothing in it has effect until it is confirmed by two methods (Rules cl. 6.d).
create table registration (
    tenant_id             int not null references organization,
    id                    uuid not null,
    iin                   text not null,
    surname               text not null,
    given_name            text not null,
    patronymic            text,
    document_number       text not null,
    document_valid_until  date not null,
    phone                 text not null,
    phone_checked_at      timestamptz,
    email                 text,
    language              text not null,
    password              text not null,
    photo_evidence        uuid,
    created_at            timestamptz not null,
    expires_at            timestamptz not null,
    client_id             uuid,
    primary key (tenant_id, id),
    foreign key (tenant_id, client_id) references client
);

create table staff (
    tenant_id    int not null references organization,
    id           uuid not null,
    login        text not null,
    name         text not null,
    role         text not null,
    password     text not null,
    disabled_at  timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, login)
);

-- Of a session's token only the hash is kept. A session belongs to a registration, a client or an employee.
create table session (
    tenant_id        int not null references organization,
    id               uuid not null,
    token_sha256     bytea not null check (length(token_sha256) = 32),
    registration_id  uuid,
    client_id        uuid,
    staff_id         uuid,
    device           text not null,
    address          text not null,
    created_at       timestamptz not null,
    last_seen_at     timestamptz not null,
    expires_at       timestamptz not null,
    ended_at         timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, token_sha256),
    check (num_nonnulls(registration_id, client_id, staff_id) = 1),
    foreign key (tenant_id, registration_id) references registration,
    foreign key (tenant_id, client_id) references client,
    foreign key (tenant_id, staff_id) references staff
);
create index session_client on session (tenant_id, client_id) where ended_at is null;

-- A one-time code sent to somebody, bound to one operation, one session and the hash of what is agreed.
create table challenge (
    tenant_id      int not null references organization,
    id             uuid not null,
    subject_id     uuid not null,
    session_id     uuid,
    operation      text not null,
    object_sha256  bytea not null check (length(object_sha256) = 32),
    code_mac       bytea not null check (length(code_mac) = 32),
    tries          smallint not null default 0 check (tries between 0 and 3),
    created_at     timestamptz not null,
    expires_at     timestamptz not null,
    passed_at      timestamptz,
    primary key (tenant_id, id)
);
create index challenge_subject on challenge (tenant_id, subject_id, created_at);

-- A proof that somebody is who they say, bound like its challenge, spent by exactly one confirmation.
create table proof (
    tenant_id        int not null references organization,
    id               uuid not null,
    subject_id       uuid not null,
    session_id       uuid,
    operation        text not null,
    object_sha256    bytea not null check (length(object_sha256) = 32),
    kind             text not null,
    evidence_id      uuid not null,
    created_at       timestamptz not null,
    expires_at       timestamptz not null,
    confirmation_id  uuid,
    primary key (tenant_id, id),
    unique (tenant_id, evidence_id),
    foreign key (tenant_id, evidence_id) references evidence
);
create index proof_subject on proof (tenant_id, subject_id) where confirmation_id is null;
create index proof_confirmation on proof (tenant_id, confirmation_id) where confirmation_id is not null;

create table confirmation (
    tenant_id      int not null references organization,
    id             uuid not null,
    subject_id     uuid not null,
    operation      text not null,
    object_sha256  bytea not null check (length(object_sha256) = 32),
    channel        text not null,
    created_at     timestamptz not null,
    primary key (tenant_id, id)
);

-- What somebody was shown and accepted: consents, the lending rules, rights and duties, the full cost.
create table acknowledgement (
    tenant_id    int not null references organization,
    id           uuid not null,
    subject_id   uuid not null,
    object_id    uuid not null,
    kind         text not null,
    language     text not null,
    evidence_id  uuid not null,
    created_at   timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, object_id, kind),
    foreign key (tenant_id, evidence_id) references evidence
);

create table application (
    tenant_id         int not null references organization,
    id                uuid not null,
    client_id         uuid not null,
    product_id        uuid not null,
    rule_set          text not null,
    amount_tiyn       bigint not null check (amount_tiyn > 0),
    term              smallint not null check (term > 0),
    method            text not null,
    purpose           text not null,
    income_tiyn       bigint not null check (income_tiyn >= 0),
    iban              text not null,
    number            text not null,
    state             text not null check (state in ('checking', 'approved', 'declined', 'signed', 'withdrawn')),
    reasons           jsonb not null default '[]',
    debt_burden_ppm   bigint,
    created_at        timestamptz not null,
    decided_at        timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, number),
    foreign key (tenant_id, client_id) references client,
    foreign key (tenant_id, product_id) references product
);
-- Two tabs, one application: a client has one under way at a time.
create unique index application_under_way on application (tenant_id, client_id)
    where state in ('checking', 'approved');
create index application_client on application (tenant_id, client_id, created_at);

-- Each outside question is asked once for its object; the answer is evidence (design promise 5).
create table inquiry (
    tenant_id    int not null references organization,
    id           uuid not null,
    port         text not null,
    object_id    uuid not null,
    state        text not null check (state in ('sent', 'answered', 'unknown')),
    asked_at     timestamptz not null,
    answered_at  timestamptz,
    evidence_id  uuid,
    meaning      jsonb,
    primary key (tenant_id, id),
    unique (tenant_id, port, object_id),
    check ((state = 'answered') = (evidence_id is not null and meaning is not null)),
    foreign key (tenant_id, evidence_id) references evidence
);
create index inquiry_evidence on inquiry (tenant_id, evidence_id) where evidence_id is not null;

-- An agreement drawn up for the client to read; drawn anew when its date has passed unsigned.
create table offer (
    tenant_id       int not null references organization,
    id              uuid not null,
    application_id  uuid not null,
    rule_set        text not null,
    terms           jsonb not null,
    dated           date not null,
    pdf_evidence    uuid not null,
    pdf_sha256      bytea not null check (length(pdf_sha256) = 32),
    drawn_up_at     timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, application_id, dated),
    foreign key (tenant_id, application_id) references application,
    foreign key (tenant_id, pdf_evidence) references evidence
);

-- An agreement concluded: one an application, by one confirmation, on the exact bytes of one offer.
create table agreement (
    tenant_id        int not null references organization,
    id               uuid not null,
    application_id   uuid not null,
    offer_id         uuid not null,
    client_id        uuid not null,
    confirmation_id  uuid not null,
    signed_at        timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, application_id),
    unique (tenant_id, confirmation_id),
    foreign key (tenant_id, application_id) references application,
    foreign key (tenant_id, offer_id) references offer,
    foreign key (tenant_id, client_id) references client,
    foreign key (tenant_id, confirmation_id) references confirmation
);

-- A loan has its agreement's id. The row is locked before anything is done to the loan; beside the events
-- it holds only what lists and the closing of the day select by: a cache of the fold.
create table loan (
    tenant_id         int not null references organization,
    id                uuid not null,
    client_id         uuid not null,
    product_id        uuid not null,
    number            text not null,
    terms             jsonb not null,
    status            text not null check (status in ('awaiting_disbursement', 'active', 'overdue', 'closed', 'cancelled')),
    debt_tiyn         bigint not null check (debt_tiyn >= 0),
    next_due_on       date,
    overdue_since     date,
    delay_told        date,
    accrued_to        date not null,
    events            int not null,
    closed_on         date,
    created_at        timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, number),
    foreign key (tenant_id, id) references agreement,
    foreign key (tenant_id, client_id) references client
);
create index loan_client on loan (tenant_id, client_id);
create index loan_accruing on loan (tenant_id, accrued_to, id) where status in ('active', 'overdue');

create table loan_event (
    tenant_id    int not null references organization,
    loan_id      uuid not null,
    sequence     int not null,
    value_date   date not null,
    body         jsonb not null,
    recorded_at  timestamptz not null,
    primary key (tenant_id, loan_id, sequence),
    foreign key (tenant_id, loan_id) references loan
);

-- One payout a loan, ever: paying twice is impossible here, not only unlikely in the program.
create table payout (
    tenant_id    int not null references organization,
    loan_id      uuid not null,
    id           uuid not null,
    iban         text not null,
    amount_tiyn  bigint not null check (amount_tiyn > 0),
    state        text not null check (state in ('planned', 'sent', 'unknown', 'executed', 'rejected')),
    planned_at   timestamptz not null,
    sent_at      timestamptz,
    settled_at   timestamptz,
    evidence_id  uuid,
    primary key (tenant_id, loan_id),
    unique (tenant_id, id),
    foreign key (tenant_id, loan_id) references loan,
    foreign key (tenant_id, evidence_id) references evidence
);

-- Money that came in, once per reference of the bank.
create table receipt (
    tenant_id    int not null references organization,
    reference    text not null check (length(reference) between 1 and 64),
    id           uuid not null,
    value_date   date not null,
    amount_tiyn  bigint not null check (amount_tiyn > 0),
    text         text not null check (length(text) <= 500),
    loan_id      uuid,
    evidence_id  uuid not null,
    recorded_at  timestamptz not null,
    primary key (tenant_id, reference),
    unique (tenant_id, id),
    foreign key (tenant_id, loan_id) references loan,
    foreign key (tenant_id, evidence_id) references evidence
);

-- The ledger: transfers, so that debits equal credits by construction.
create table transfer (
    tenant_id    int not null references organization,
    id           uuid not null,
    on_date      date not null,
    debit        text not null,
    credit       text not null,
    amount_tiyn  bigint not null check (amount_tiyn > 0),
    posting      text not null,
    reversal     boolean not null,
    loan_id      uuid,
    recorded_at  timestamptz not null,
    primary key (tenant_id, id),
    check (debit <> credit),
    foreign key (tenant_id, loan_id) references loan
);
create index transfer_loan on transfer (tenant_id, loan_id);
create index transfer_day on transfer (tenant_id, on_date);

create table business_day (
    tenant_id   int not null references organization,
    day         date not null,
    opened_at   timestamptz not null,
    closed_at   timestamptz,
    -- The bank's statement of this day was read after its end.
    statement_read boolean not null default false,
    loans       int not null default 0,
    exceptions  int not null default 0,
    primary key (tenant_id, day)
);

-- A loan that the closing of a day could not take, with its reason; it holds up nobody else.
create table day_exception (
    tenant_id   int not null references organization,
    day         date not null,
    loan_id     uuid not null,
    reason      text not null,
    created_at  timestamptz not null,
    primary key (tenant_id, day, loan_id)
);

-- A document the client can fetch again: agreement, sheet of evidence, closing notice.
create table document (
    tenant_id    int not null references organization,
    id           uuid not null,
    client_id    uuid not null,
    loan_id      uuid not null,
    kind         text not null,
    evidence_id  uuid not null,
    created_at   timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, loan_id, kind),
    foreign key (tenant_id, client_id) references client,
    foreign key (tenant_id, evidence_id) references evidence
);

-- Work to be done after the transaction that caused it. Bodies are sealed: they hold codes and addresses.
create table job (
    tenant_id    int not null references organization,
    id           uuid not null,
    kind         text not null,
    key_version  int not null,
    nonce        bytea not null,
    sealed       bytea not null,
    run_at       timestamptz not null,
    attempts     smallint not null default 0,
    failed_at    timestamptz,
    last_error   text,
    created_at   timestamptz not null,
    primary key (tenant_id, id)
);
create index job_due on job (tenant_id, run_at) where failed_at is null;

-- How often something was tried by whom: the bucket is a keyed hash, so the table tells nothing.
create table attempt (
    tenant_id   int not null references organization,
    bucket      bytea not null,
    window_from timestamptz not null,
    count       int not null,
    primary key (tenant_id, bucket)
);

-- The audit trail. xid lets the sealer see what has surely committed (identity order is not commit order).
create table audit_event (
    tenant_id   int not null references organization,
    id          uuid not null,
    xid         xid8 not null default pg_current_xact_id(),
    at          timestamptz not null,
    actor_kind  text not null,
    actor_id    uuid,
    channel     text not null,
    action      text not null,
    object_id   uuid,
    payload     bytea not null,
    primary key (tenant_id, id)
);
create index audit_event_object on audit_event (tenant_id, object_id);

-- The program's role. No right to change or remove what must stay: evidence, confirmations, events of loans,
-- the ledger, the audit trail; nor a client's IIN (Rules cl. 6.g, 11, 32; design promise 8).
do $$
begin
    if not exists (select from pg_roles where rolname = 'nesie_program') then
        create role nesie_program nologin;
    end if;
exception when duplicate_object or unique_violation then null; -- two databases migrated at once
end
$$;
grant select, insert on all tables in schema public to nesie_program;
grant update on registration, staff, session, challenge, application, inquiry, loan, payout, business_day,
    job, attempt, product, organization to nesie_program;
grant update (surname, given_name, patronymic, document_number, document_valid_until, phone,
    phone_checked_at, email, language, password, photo_evidence) on client to nesie_program;
grant update (confirmation_id) on proof to nesie_program;
grant delete on job, attempt, day_exception to nesie_program;
