-- Clients and loans, many times the lives that were lived through (market.rs). Foreign keys are not checked row by
-- row: that would take longer than all the rest.
set session_replication_role = replica;
set work_mem = '256MB';

-- Ids that can be written down again from a client's number; older than any that the program makes.
create function pg_temp.id(kind int, n bigint) returns uuid language sql immutable as
$$ select (lpad(to_hex(26214400 + kind), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid $$;
-- The moment that is ten o'clock in Kazakhstan.
create function pg_temp.at(d date) returns timestamptz language sql immutable as
$$ select (d + time '05:00') at time zone 'UTC' $$;

create temp table loan_of as
    select p.n, p.iin, p.number, pg_temp.id(1, p.n) as client, pg_temp.id(2, p.n) as loan, l.*
    from person p join life l using (life);
create temp table event_of as
    select o.n, o.client, o.loan, e.sequence, e.value_date, e.paid, row_number() over (order by e.value_date, o.n) as i,
           case when e.paid is null then e.body
                else jsonb_set(e.body, '{id}', to_jsonb(pg_temp.id(9, o.n * 1000::bigint + e.sequence))) end as body
    from loan_of o join life_event e using (life);

insert into party (tenant_id, id, kind) select 1, client, 'individual' from loan_of;
insert into client (tenant_id, id, iin, surname, given_name, patronymic, born_on, document_number, document_valid_until,
                    phone, phone_checked_at, language, password, photo_evidence, registered_at)
    select 1, client, iin, 'Қасымов', 'Ержан', 'Әбілұлы', '1988-03-01', lpad(n::text, 9, '0'), '2031-05-20',
           '+7701' || lpad(n::text, 7, '0'), pg_temp.at(given_on), (array['kk', 'ru', 'en'])[n % 3 + 1],
           '$argon2id$none', pg_temp.id(3, n), pg_temp.at(given_on)
    from loan_of;
-- The longest-running session is the one that asks; others have ended, one has not.
insert into session (tenant_id, id, token_sha256, client_id, device, address, created_at, last_seen_at, expires_at, ended_at)
    select 1, pg_temp.id(4, n * 10::bigint + s), sha256(decode(lpad((s * 100000000::bigint + n)::text, 42, '0') || 'A=', 'base64')),
           client, 'Mozilla/5.0 (Linux; Android 13; SM-A135F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36',
           '192.0.2.7', pg_temp.at('2026-02-02') - s * interval '1 hour', pg_temp.at('2026-02-02'),
           pg_temp.at('2026-02-02') + interval '12 hours', case when s > 1 then pg_temp.at('2026-02-02') end
    from loan_of, generate_series(0, 5) s;
insert into application (tenant_id, id, client_id, product_id, rule_set, amount_tiyn, term, method, purpose, income_tiyn, iban,
                         number, state, debt_burden_ppm, created_at, decided_at)
    select 1, pg_temp.id(5, n), client, product_id, rule_set, amount, term, method, purpose, 45000000, 'KZ41601A141000897321',
           number, 'signed', 200000, pg_temp.at(given_on), pg_temp.at(given_on)
    from loan_of;
insert into offer (tenant_id, id, application_id, rule_set, terms, dated, pdf_evidence, pdf_sha256, drawn_up_at)
    select 1, pg_temp.id(6, n), pg_temp.id(5, n), rule_set, terms, given_on, pg_temp.id(3, 100000000::bigint + n),
           sha256(''), pg_temp.at(given_on)
    from loan_of;
insert into confirmation (tenant_id, id, subject_id, operation, object_sha256, channel, created_at)
    select 1, pg_temp.id(7, n), client, 'sign-agreement', sha256(''), 'web', pg_temp.at(given_on) from loan_of;
insert into agreement (tenant_id, id, application_id, offer_id, client_id, confirmation_id, signed_at)
    select 1, loan, pg_temp.id(5, n), pg_temp.id(6, n), client, pg_temp.id(7, n), pg_temp.at(given_on) from loan_of;
insert into loan (tenant_id, id, client_id, product_id, number, terms, status, delay_told, accrued_to, events, created_at)
    select 1, loan, client, product_id, number, terms, status, overdue_since, accrued_to, events, pg_temp.at(given_on)
    from loan_of;
insert into standing
    select s.* from loan_of o cross join lateral jsonb_populate_record(
        null::standing, o.standing || jsonb_build_object('loan_id', o.loan, 'product_id', o.product_id)) s;
insert into payout (tenant_id, loan_id, id, iban, amount_tiyn, state, planned_at, sent_at, settled_at, evidence_id)
    select 1, loan, pg_temp.id(8, n), 'KZ41601A141000897321', amount, 'executed', pg_temp.at(given_on), pg_temp.at(given_on),
           pg_temp.at(given_on), pg_temp.id(3, 200000000::bigint + n)
    from loan_of;
insert into document (tenant_id, id, client_id, loan_id, kind, evidence_id, created_at)
    select 1, pg_temp.id(10, n * 10::bigint + k), client, loan, (array['agreement', 'evidence-sheet'])[k],
           pg_temp.id(3, k * 100000000::bigint + n), pg_temp.at(given_on)
    from loan_of, generate_series(1, 2) k;
-- Evidence of everything, but small: photos and papers would fill the disk, and no page here opens them.
insert into evidence (tenant_id, id, kind, subject_id, object_id, media_type, sha256, size, key_version, nonce, sealed, created_at)
    select 1, pg_temp.id(3, k * 100000000::bigint + n), (array['photo', 'agreement', 'evidence-sheet'])[k + 1], client, loan,
           'application/octet-stream', sha256(''), 0, 1, decode(repeat('00', 24), 'hex'), decode(repeat(md5(n::text), 40), 'hex'),
           pg_temp.at(given_on)
    from loan_of, generate_series(0, 2) k;
insert into evidence (tenant_id, id, kind, subject_id, object_id, media_type, sha256, size, key_version, nonce, sealed, created_at)
    select 1, pg_temp.id(3, n * 1000::bigint + sequence + 1000000000000), 'receipt', client, loan,
           'application/xml', sha256(''), 0, 1, decode(repeat('00', 24), 'hex'), decode(repeat(md5(n::text), 60), 'hex'),
           pg_temp.at(value_date)
    from event_of where paid is not null order by i;
insert into receipt (tenant_id, reference, id, value_date, amount_tiyn, text, loan_id, evidence_id, recorded_at)
    select 1, 'P' || i, pg_temp.id(9, n * 1000::bigint + sequence), value_date, paid, 'Погашение', loan,
           pg_temp.id(3, n * 1000::bigint + sequence + 1000000000000), pg_temp.at(value_date)
    from event_of where paid is not null order by i;
insert into loan_event (tenant_id, loan_id, sequence, value_date, body, recorded_at)
    select 1, loan, sequence, value_date, body, pg_temp.at(value_date) from event_of order by i;
insert into audit_event (tenant_id, id, at, actor_kind, actor_id, channel, action, object_id, payload)
    select 1, pg_temp.id(11, i), pg_temp.at(value_date), 'system', null, 'system', 'loan.event', loan,
           convert_to(body::text, 'UTF8')
    from event_of order by i;
-- By day, as they came: the transfers of one loan lie far apart.
insert into transfer (tenant_id, id, on_date, debit, credit, amount_tiyn, posting, reversal, loan_id, recorded_at)
    select 1, pg_temp.id(12, row_number() over (order by t.on_date, o.n, t.place)), t.on_date, t.debit, t.credit, t.amount,
           t.posting, t.reversal, o.loan, pg_temp.at(t.on_date)
    from loan_of o join life_transfer t using (life)
    order by t.on_date, o.n, t.place;

-- The newest clients ask for one more credit, so that there is an agreement to draw up.
insert into application (tenant_id, id, client_id, product_id, rule_set, amount_tiyn, term, method, purpose, income_tiyn, iban,
                         number, state, debt_burden_ppm, created_at, decided_at)
    select 1, pg_temp.id(13, n), client, product_id, '2026-01-01', amount, term, method, purpose, 45000000,
           'KZ41601A141000897321', 'X' || number, 'approved', 200000, pg_temp.at('2026-02-02'), pg_temp.at('2026-02-02')
    from loan_of order by n desc limit 40;

-- The calendar: every day but today is closed.
insert into business_day (tenant_id, day, opened_at, closed_at, statement_read)
    select 1, d, pg_temp.at(d::date), case when d < '2026-02-02' then pg_temp.at(d::date + 1) end, d < '2026-02-02'
    from generate_series((select min(given_on) from life), timestamp '2026-02-02', interval '1 day') d;

reset session_replication_role;
