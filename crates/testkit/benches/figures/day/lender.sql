-- Loans, many times the lives that were computed (lender.rs). Foreign keys are not checked row by row, and there are no
-- clients: nothing here asks who they are.
set session_replication_role = replica;
set work_mem = '256MB';
set maintenance_work_mem = '512MB';

create function pg_temp.id(kind int, n bigint) returns uuid language sql immutable as
$$ select (lpad(to_hex(26214400 + kind), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid $$;

create temp table stands as
    select l.life, s.* from life l cross join lateral jsonb_populate_record(null::standing, l.standing) s;
-- Neighbours in the table are not neighbours in fate.
create temp table one as
    select n, (n * 617::bigint % (select count(*) from life))::int as life, pg_temp.id(2, n) as loan
    from generate_series(0, (select loans from size) - 1) n;
analyze stands;
analyze one;

insert into loan (tenant_id, id, client_id, product_id, number, terms, status, delay_told, accrued_to, events, created_at)
    select 1, o.loan, pg_temp.id(1, o.n), l.product_id, 'L' || o.n, l.terms, l.status, s.overdue_since, s.base, l.events,
           l.given_on
    from one o join life l using (life) join stands s using (life) order by o.n;
insert into loan_event (tenant_id, loan_id, sequence, value_date, body, recorded_at)
    select 1, o.loan, e.sequence, e.value_date,
           case when e.paid is null then e.body
                else jsonb_set(e.body, '{id}', to_jsonb(pg_temp.id(9, o.n * 1000::bigint + e.sequence))) end, e.value_date
    from one o join life_event e using (life) order by o.n, e.sequence;
insert into receipt (tenant_id, reference, id, value_date, amount_tiyn, text, loan_id, evidence_id, recorded_at)
    select 1, 'R' || o.n || '-' || e.sequence, pg_temp.id(9, o.n * 1000::bigint + e.sequence), e.value_date, e.paid,
           'Погашение', o.loan, pg_temp.id(3, 0), e.value_date
    from one o join life_event e using (life) where e.paid is not null and (select receipts from size);
insert into standing (principal_tiyn, interest_before_tiyn, interest_tiyn, interest_rest, interest_denominator,
                      penalty_before_tiyn, penalty_tiyn, overdue_tiyn, penalty_cap_tiyn, debt_tiyn,
                      interest_in_totals_tiyn, penalty_in_totals_tiyn, tenant_id, place, base, changes_on, rate_ppm,
                      penalty_rest, penalty_ppm, overdue_since, next_due_on, day_count, units, lives, loan_id,
                      product_id)
    select s.principal_tiyn, s.interest_before_tiyn, s.interest_tiyn, s.interest_rest, s.interest_denominator,
           s.penalty_before_tiyn, s.penalty_tiyn, s.overdue_tiyn, s.penalty_cap_tiyn, s.debt_tiyn,
           s.interest_in_totals_tiyn, s.penalty_in_totals_tiyn, 1, o.n, s.base, s.changes_on, s.rate_ppm,
           s.penalty_rest, s.penalty_ppm, s.overdue_since, s.next_due_on, s.day_count, s.units, true, o.loan,
           l.product_id
    from one o join stands s using (life) join life l using (life) order by o.n;
insert into accrual_place (tenant_id, place, loan_id) select 1, n, loan from one order by n;
-- What was paid out and repaid under each loan's name; what accrued, in totals of its product.
insert into transfer (tenant_id, id, on_date, debit, credit, amount_tiyn, posting, reversal, loan_id, recorded_at)
    select 1, pg_temp.id(12, row_number() over (order by t.on_date, o.n, t.place)), t.on_date, t.debit, t.credit,
           t.amount, t.posting, false, o.loan, t.on_date
    from one o join life_transfer t using (life) order by t.on_date, o.n, t.place;
insert into transfer (tenant_id, id, on_date, debit, credit, amount_tiyn, posting, reversal, product_id, recorded_at)
    select 1, pg_temp.id(13, row_number() over ()), (select yesterday from size), t.debit, t.credit,
           sum(t.amount)::bigint, t.posting, false, l.product_id, (select yesterday from size)
    from one o join life l using (life) join life_total t using (life)
    group by l.product_id, t.posting, t.debit, t.credit;

insert into day_chunk (tenant_id, chunk, closed_to)
    select 1, c, (select yesterday from size) from generate_series(0, ((select loans from size) - 1) / 16384) c;
insert into business_day (tenant_id, day, opened_at, closed_at)
    select 1, yesterday, yesterday, yesterday from size
    union all select 1, yesterday + 1, yesterday + 1, null from size;

reset session_replication_role;
