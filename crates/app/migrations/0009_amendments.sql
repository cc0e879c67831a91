-- Amendments of agreements (Rules cl. 9.a). The rules of 0001 hold.

-- Other terms that an employee proposes and the client concludes by two methods or declines. number counts the amendments
-- that an agreement has; one that came to nothing gives its number to the next. Nothing of it has effect before it is
-- concluded.
create table amendment (
    tenant_id        int not null references organization,
    id               uuid not null,
    loan_id          uuid not null,
    client_id        uuid not null,
    number           smallint not null check (number > 0),
    proposal         jsonb not null,
    proposed_by      uuid not null,
    proposed_at      timestamptz not null,
    open_until       date not null,
    state            text not null check (state in ('proposed', 'concluded', 'declined', 'withdrawn')),
    decided_at       timestamptz,
    primary key (tenant_id, id),
    check ((state = 'proposed') = (decided_at is null)),
    foreign key (tenant_id, loan_id) references loan,
    foreign key (tenant_id, client_id) references party,
    foreign key (tenant_id, proposed_by) references staff
);
create unique index amendment_open on amendment (tenant_id, loan_id) where state = 'proposed';
create index amendment_loan on amendment (tenant_id, loan_id, number);

-- An amendment as a paper, drawn up for who reads it, on a day, after so many events of the loan. A day or an event later
-- it says something else, and is drawn up anew. effects: what happens to the loan once it is concluded.
create table amendment_paper (
    tenant_id       int not null references organization,
    id              uuid not null,
    amendment_id    uuid not null,
    dated           date not null,
    loan_events     int not null,
    authority_id    uuid,
    rule_set        text not null,
    effects         jsonb not null,
    pdf_evidence    uuid not null,
    pdf_sha256      bytea not null check (length(pdf_sha256) = 32),
    drawn_up_at     timestamptz not null,
    primary key (tenant_id, id),
    unique nulls not distinct (tenant_id, amendment_id, dated, loan_events, authority_id),
    foreign key (tenant_id, amendment_id) references amendment,
    foreign key (tenant_id, authority_id) references authority,
    foreign key (tenant_id, pdf_evidence) references evidence
);

-- An amendment concluded: once, by one confirmation, on the exact bytes of one paper.
create table amendment_concluded (
    tenant_id        int not null references organization,
    id               uuid not null,
    loan_id          uuid not null,
    number           smallint not null check (number > 0),
    paper_id         uuid not null,
    confirmation_id  uuid not null,
    authority_id     uuid,
    signed_at        timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, loan_id, number),
    unique (tenant_id, confirmation_id),
    foreign key (tenant_id, id) references amendment,
    foreign key (tenant_id, loan_id) references loan,
    foreign key (tenant_id, paper_id) references amendment_paper,
    foreign key (tenant_id, confirmation_id) references confirmation,
    foreign key (tenant_id, authority_id) references authority
);

-- The sheet that says how an amendment was concluded is a paper of its loan, one an amendment.
alter table document add column amendment_id uuid;
alter table document add foreign key (tenant_id, amendment_id) references amendment;
alter table document drop constraint document_tenant_id_loan_id_kind_key;
alter table document add unique nulls not distinct (tenant_id, loan_id, kind, amendment_id);

grant select, insert on amendment, amendment_paper, amendment_concluded to nesie_program;
grant update (state, decided_at) on amendment to nesie_program;
