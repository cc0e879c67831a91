-- What would be done again if it were sent again carries a key that serves once (Rules cl. 11). The key is stored by the
-- transaction of what it makes, and the primary key is why there is no second effect. Of the key only the hash is kept; of
-- what came with it, a keyed mark, by which the same request is told from another one. A row stays as long as what it made:
-- whoever deletes that, deletes it here too, by `made`.
create table sent_once (
    tenant_id    int not null references organization,
    party_id     uuid not null,
    deed         text not null,
    key_sha256   bytea not null check (length(key_sha256) = 32),
    said_mark    bytea not null check (length(said_mark) = 32),
    made         uuid not null,
    created_at   timestamptz not null,
    primary key (tenant_id, party_id, deed, key_sha256)
);
create index sent_once_made on sent_once (tenant_id, made);

grant select, insert on sent_once to nesie_program;
