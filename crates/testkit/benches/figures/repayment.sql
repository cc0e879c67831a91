-- The statements of app::payments for a notification of one receipt: same order, same rows, both transactions. Values that the program computes are given.
\set n random(1, :clients)
\set c :c + 8
\set base :round * 1000000000000 + :client_id * 10000000000 + :c
\set more random(1, 1000)
\set k case when :more <= :per_mille then :few + 1 else :few end
-- (A colon and a letter are pgbench's, even in quotes: hence the space in JSON, and message-sms.)
-- The agreement's number: 26, seven digits, Luhn's check digit.
\set d1 :n % 10
\set d2 :n / 10 % 10
\set d3 :n / 100 % 10
\set d4 :n / 1000 % 10
\set d5 :n / 10000 % 10
\set luhn :d1 * 2 / 10 + :d1 * 2 % 10 + :d2 + :d3 * 2 / 10 + :d3 * 2 % 10 + :d4 + :d5 * 2 / 10 + :d5 * 2 % 10
\set number 2600000000 + :n * 10 + (10 - (:luhn + 10) % 10) % 10
\set base1 :base + 1
begin;
select 1 as one from receipt where tenant_id = 1 and reference = :base::text;
insert into evidence (tenant_id, id, kind, subject_id, object_id, media_type, sha256, size, key_version, nonce, sealed, created_at)
    values (1, lpad(:base::text, 32, '0')::uuid, 'receipts', '00000000-0000-0000-0000-000000000000', null, 'application/xml', '\x5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e', 900, 1, '\x5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e',
            :sealed, now());
commit;
begin;
select id from loan where tenant_id = 1 and number = any(array[:number::text]) and status <> 'cancelled' limit 2 \gset
select day, closing_to from business_day where tenant_id = 1 and closed_at is null order by day limit 1 for share;
select client_id as client, product_id as product, number as agreement, terms, accrued_to, delay_told, events + 1 as event
    from loan where tenant_id = 1 and id = :id for update \gset
select * from standing where tenant_id = 1 and loan_id = :id;
select body from loan_event where tenant_id = 1 and loan_id = :id order by sequence;
insert into receipt (tenant_id, reference, id, value_date, amount_tiyn, text, loan_id, evidence_id, recorded_at)
    values (1, :base::text, lpad(:base::text, 32, '0')::uuid, '2026-02-02', 500000,
            'Погашение микрокредита, договор ' || :agreement::text, :id, lpad(:base::text, 32, '0')::uuid, now())
    on conflict do nothing;
insert into audit_event (tenant_id, id, at, actor_kind, actor_id, channel, action, object_id, payload)
    values (1, lpad(:base::text, 32, '0')::uuid, now(), 'system', null, 'system', 'receipt.taken', :id,
            convert_to('{"amount_tiyn": 500000, "on": "2026-02-02", "reference": "R0P00N0000"}', 'UTF8'));
select closed_at is not null as closed from business_day where tenant_id = 1 and day = '2026-02-02' for share;
insert into transfer (tenant_id, id, on_date, debit, credit, amount_tiyn, posting, reversal, loan_id, recorded_at)
    select 1, lpad(:base::text, 32, '0')::uuid, '2026-02-02', '1030.10', '3390.10', 500000, 'repayment_received', false,
           :id::uuid, now();
insert into loan_event (tenant_id, loan_id, sequence, value_date, body, recorded_at)
    values (1, :id, :event, '2026-02-02', '{"on": "2026-02-02", "sequence": 9, "what": "repaid",
            "id": "0190000c-0000-7000-8000-000000000001", "amount_tiyn": 500000}', now());
insert into audit_event (tenant_id, id, at, actor_kind, actor_id, channel, action, object_id, payload)
    values (1, lpad(:base1::text, 32, '0')::uuid, now(), 'system', null, 'system', 'loan.event', :id,
            convert_to('{"on": "2026-02-02", "sequence": 9, "what": "repaid", "id": "0190000c-0000-7000-8000-000000000001"}', 'UTF8'));
select body from loan_event where tenant_id = 1 and loan_id = :id order by sequence;
select posting, sum(case when reversal then -amount_tiyn else amount_tiyn end)::bigint as amount
    from transfer where tenant_id = 1 and loan_id = :id group by posting;
select day from business_day where tenant_id = 1 and closed_at is null order by day limit 1;
select closed_at is not null as closed from business_day where tenant_id = 1 and day = '2026-02-02' for share;
insert into transfer (tenant_id, id, on_date, debit, credit, amount_tiyn, posting, reversal, loan_id, recorded_at)
    select 1, lpad((:base::bigint + g)::text, 32, '0')::uuid, '2026-02-02', '3390.10', '1110.10', 250000, 'principal_repaid', false,
           :id::uuid, now()
    from generate_series(1, :k) g;
update loan set status = 'active', accrued_to = '2026-02-02', events = :event, closed_on = null,
                delay_told = coalesce(null, delay_told)
    where tenant_id = 1 and id = :id;
insert into standing (tenant_id, loan_id, product_id, lives, base, changes_on, day_count, anchor_day, principal_tiyn, rate_ppm,
        interest_before_tiyn, interest_tiyn, interest_rest, interest_denominator, penalty_before_tiyn, penalty_tiyn,
        penalty_rest, overdue_tiyn, penalty_ppm, penalty_cap_tiyn, overdue_since, next_due_on, debt_tiyn,
        interest_in_totals_tiyn, penalty_in_totals_tiyn)
    values (1, :id, :product, true, '2026-02-02', '2026-03-02', 0, 2, 5000000, 360000, 100, 0, 0, 365000000, 0, 0, 0, 0, 0,
            500000, null, '2026-03-02', 5000000, 0, 0)
    on conflict (tenant_id, loan_id) do update set lives = excluded.lives, base = excluded.base,
        changes_on = excluded.changes_on, principal_tiyn = excluded.principal_tiyn, debt_tiyn = excluded.debt_tiyn,
        interest_tiyn = excluded.interest_tiyn, interest_rest = excluded.interest_rest;
select iin, surname, given_name, patronymic, born_on, document_number, document_valid_until, phone, email,
       language, password, registered_at
    from client where tenant_id = 1 and id = :client;
insert into evidence (tenant_id, id, kind, subject_id, object_id, media_type, sha256, size, key_version, nonce, sealed, created_at)
    values (1, lpad(:base1::text, 32, '0')::uuid, 'message-sms', :client, null, 'text/plain; charset=utf-8', '\x5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e', 900, 1,
            '\x5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e', '\x5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e', now());
insert into job (tenant_id, id, kind, key_version, nonce, sealed, run_at, created_at)
    values (1, lpad(:base::text, 32, '0')::uuid, 'send-sms', 1, '\x5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e', '\x5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e', now(), now());
commit;
