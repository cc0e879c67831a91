-- Factors and changes: tokens, known devices, accounts for payouts, what is asked to be changed (Rules cl. 6.f, 29, 35.3).
-- The rules of 0001 hold here too.

-- What is asked to be changed and not confirmed yet. What it is, is sealed: numbers, hashes of passwords, secrets.
-- Without a client it is a recovery for nobody, so that asking tells nothing.
create table change (
    tenant_id        int not null references organization,
    id               uuid not null,
    client_id        uuid,
    operation        text not null,
    object_sha256    bytea not null check (length(object_sha256) = 32),
    key_version      int not null,
    nonce            bytea not null check (length(nonce) = 24),
    sealed           bytea not null,
    -- What must be right before anybody confirms: the new number is in the client's hand, the token works.
    checked_at       timestamptz,
    -- Of a token that works: the time step or counter from which its codes count.
    moment           bigint check (moment >= 0),
    confirmation_id  uuid,
    created_at       timestamptz not null,
    expires_at       timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, confirmation_id),
    foreign key (tenant_id, client_id) references client,
    foreign key (tenant_id, confirmation_id) references confirmation
);
create index change_client on change (tenant_id, client_id, created_at);

-- A session may be good for one recovery and nothing else.
alter table session add column change_id uuid;
alter table session add foreign key (tenant_id, change_id) references change;
alter table session drop constraint session_check;
alter table session add constraint session_holder
    check (num_nonnulls(registration_id, client_id, staff_id, change_id) = 1);

-- A token that makes one-time codes. moment only grows: each code is taken once (RFC 6238 §5.2, RFC 4226 §7.2).
create table token (
    tenant_id    int not null references organization,
    id           uuid not null,
    client_id    uuid not null,
    kind         text not null check (kind in ('totp', 'hotp')),
    name         text not null check (length(name) between 1 and 60),
    key_version  int not null,
    nonce        bytea not null check (length(nonce) = 24),
    sealed       bytea not null,
    moment       bigint not null check (moment >= 0),
    created_at   timestamptz not null,
    removed_at   timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, client_id) references client
);
create index token_client on token (tenant_id, client_id) where removed_at is null;

-- A device that a client has signed in from. Of its secret only the hash is kept.
create table device (
    tenant_id      int not null references organization,
    id             uuid not null,
    client_id      uuid not null,
    secret_sha256  bytea not null check (length(secret_sha256) = 32),
    name           text not null check (length(name) <= 200),
    address        text not null,
    first_seen_at  timestamptz not null,
    last_seen_at   timestamptz not null,
    forgotten_at   timestamptz,
    primary key (tenant_id, id),
    unique (tenant_id, secret_sha256),
    foreign key (tenant_id, client_id) references client
);
create index device_client on device (tenant_id, client_id) where forgotten_at is null;

-- Where a client's money goes. A new row ends the last; payouts to one that replaced another wait (payouts_from).
create table account (
    tenant_id     int not null references organization,
    id            uuid not null,
    client_id     uuid not null,
    iban          text not null,
    payouts_from  timestamptz not null,
    created_at    timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, client_id) references client
);
create index account_client on account (tenant_id, client_id, created_at);

-- Limits, delays and ages that the organization sets within the bounds of the program (Rules cl. 29).
alter table organization add column policy jsonb not null default '{}';

grant select, insert on change, token, device, account to nesie_program;
grant update (checked_at, moment, confirmation_id) on change to nesie_program;
grant update (moment, removed_at) on token to nesie_program;
grant update (name, address, last_seen_at, forgotten_at) on device to nesie_program;
