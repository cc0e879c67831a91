-- The day at scale: loans stand apart from their agreements in a narrow table, a closing writes packed evidence and
-- totals, and one statement computes the totals a second time. The rules of 0001 hold.

do $$
begin
    if exists (select from loan where status in ('active', 'overdue')) then
        raise exception 'this database holds loans made before the day was closed by chunks; begin anew';
    end if;
end
$$;

-- How a living loan stands: facts and dates, never a counter, written only when something happens to it. From base on it
-- accrues in straight lines until changes_on (lending::loan::Standing). A loan that has closed keeps its row, for what the
-- totals hold of it.
create table standing (
    principal_tiyn             bigint not null check (principal_tiyn >= 0),
    interest_before_tiyn       bigint not null,
    interest_tiyn              bigint not null,
    interest_rest              bigint not null check (interest_rest >= 0 and interest_rest < interest_denominator),
    interest_denominator       bigint not null,
    penalty_before_tiyn        bigint not null,
    penalty_tiyn               bigint not null,
    overdue_tiyn               bigint not null check (overdue_tiyn >= 0),
    penalty_cap_tiyn           bigint not null,
    -- What is owed on base, all of it.
    debt_tiyn                  bigint not null check (debt_tiyn >= 0),
    -- What closings have accrued of this loan up to base, and posted in totals, not under the loan's name.
    interest_in_totals_tiyn    bigint not null default 0,
    penalty_in_totals_tiyn     bigint not null default 0,
    tenant_id                  int not null references organization,
    -- Its place in the order in which days are closed; none before its first closing.
    place                      int check (place >= 0),
    base                       date not null,
    changes_on                 date not null check (changes_on > base),
    rate_ppm                   int not null check (rate_ppm >= 0),
    penalty_rest               int not null check (penalty_rest >= 0 and penalty_rest < 1000000),
    penalty_ppm                int not null check (penalty_ppm >= 0),
    overdue_since              date,
    next_due_on                date,
    -- 0: each calendar day is so many units; 1: 366 units for a day of a year of 365, 365 for one of a year of 366;
    -- 2: months of 30 days, "units" being the day of the month that due dates stand for.
    day_count                  smallint not null check (day_count between 0 and 2),
    units                      smallint not null check (units >= 0),
    lives                      boolean not null,
    loan_id                    uuid not null,
    product_id                 uuid not null,
    primary key (tenant_id, loan_id),
    foreign key (tenant_id, loan_id) references loan
) with (fillfactor = 85);
create unique index standing_place on standing (tenant_id, place) where lives;
create index standing_new on standing (tenant_id, loan_id) where lives and place is null;

-- Which loan has which place, for ever: evidence of old days names places.
create table accrual_place (
    tenant_id  int not null references organization,
    place      int not null check (place >= 0),
    loan_id    uuid not null,
    primary key (tenant_id, place),
    unique (tenant_id, loan_id)
);

-- 16 384 places are closed together, by one worker, in one transaction.
create table day_chunk (
    tenant_id  int not null references organization,
    chunk      int not null,
    closed_to  date not null,
    primary key (tenant_id, chunk)
);

-- Evidence: what a closing accrued of each loan on a day; unpacked by the view "accrual".
create table accrual_block (
    tenant_id      int not null references organization,
    day            date not null,
    product_id     uuid not null,
    first_place    int not null,
    last_place     int not null,
    loans          int not null,
    interest_tiyn  bigint not null,
    penalty_tiyn   bigint not null,
    sha256         bytea not null check (length(sha256) = 32),
    packed         bytea not null,
    primary key (tenant_id, day, product_id, first_place)
);
alter table accrual_block alter column packed set storage external; -- packed already

-- The same for products that ask for a row per loan and day.
create table accrual_row (
    tenant_id      int not null references organization,
    day            date not null,
    product_id     uuid not null,
    loan_id        uuid not null,
    interest_tiyn  bigint not null,
    penalty_tiyn   bigint not null,
    overdue_days   int not null,
    primary key (tenant_id, day, loan_id)
);
create index accrual_row_loan on accrual_row (tenant_id, loan_id, day);

-- Where a closing that has begun will end: days after it belong to the next one.
alter table business_day add column closing_to date;

-- Totals of a closing name their product instead of a loan.
alter table transfer add column product_id uuid;
alter table transfer add check (loan_id is null or product_id is null);
create index transfer_total on transfer (tenant_id, product_id, on_date) where product_id is not null;

-- These stand in "standing" now.
drop index loan_accruing;
alter table loan drop column debt_tiyn, drop column next_due_on, drop column overdue_since;

-- Where a date stands on a loan's axis of days, in units of interest.
create function day_position(day_count smallint, units smallint, d date) returns bigint
language sql immutable parallel safe as $$
    select case day_count
        when 0 then units * (d - date '2000-01-01')::bigint
        when 1 then extract(year from d)::bigint * (365 * 366) + extract(doy from d)::bigint
            * case when extract(doy from make_date(extract(year from d)::int, 12, 31)) = 366 then 365 else 366 end
        else 360 * extract(year from d)::bigint + 30 * extract(month from d)::bigint
            + least(30, case when units > extract(day from d)
                              and extract(month from d + 1) <> extract(month from d)
                        then units else extract(day from d)::int end)
    end
$$;

-- What rest / denominator of a tiyn becomes with amount × weight added to rest: whole tiyn, half to even. "whole" is what
-- stands before and makes a half even or odd. Numeric where 64 bits could not hold it.
create function half_even(whole bigint, rest bigint, amount bigint, weight bigint, denominator bigint) returns bigint
language sql immutable parallel safe as $$
    select case when amount <= 4000000000000000000 / (weight + 1)
        then (2 * (rest + amount * weight) + denominator) / (2 * denominator)
            - case when (2 * (rest + amount * weight) + denominator) % (2 * denominator) = 0
                        and (whole + (2 * (rest + amount * weight) + denominator) / (2 * denominator)) % 2 = 1
                   then 1 else 0 end
        else (div(2 * (rest + amount::numeric * weight) + denominator, 2 * denominator)
            - case when mod(2 * (rest + amount::numeric * weight) + denominator, 2 * denominator) = 0
                        and mod(whole + div(2 * (rest + amount::numeric * weight) + denominator, 2 * denominator), 2) = 1
                   then 1 else 0 end)::bigint
        end
$$;

-- What a loan has accrued after base up to the end of a day: a second implementation of
-- lending::loan::Standing::accrued, for the control total and for lists. Where days are counted as they are, the
-- planner makes one expression of it all, which a million loans need.
create function accrued_after_base(s standing, upto date) returns table (interest bigint, penalty bigint)
language sql immutable parallel safe as $$
    select
        case when s.rate_ppm = 0 or upto <= s.base or s.changes_on - 1 <= s.base then 0
            when s.day_count = 0
            then half_even(s.interest_tiyn, s.interest_rest, s.principal_tiyn,
                           s.rate_ppm * (s.units * (least(upto, s.changes_on - 1) - s.base))::bigint, s.interest_denominator)
               - half_even(s.interest_tiyn, s.interest_rest, 0, 0, s.interest_denominator)
            else half_even(s.interest_tiyn, s.interest_rest, s.principal_tiyn,
                           s.rate_ppm * (day_position(s.day_count, s.units, least(upto, s.changes_on - 1))
                                         - day_position(s.day_count, s.units, s.base)), s.interest_denominator)
               - half_even(s.interest_tiyn, s.interest_rest, 0, 0, s.interest_denominator) end,
        case when s.overdue_tiyn = 0 or upto <= s.base or s.changes_on - 1 <= s.base then 0
            else least(s.penalty_cap_tiyn, s.penalty_tiyn + half_even(s.penalty_tiyn, s.penalty_rest, s.overdue_tiyn,
                           s.penalty_ppm * (least(upto, s.changes_on - 1) - s.base)::bigint, 1000000))
               - least(s.penalty_cap_tiyn,
                       s.penalty_tiyn + half_even(s.penalty_tiyn, s.penalty_rest, 0, 0, 1000000)) end
$$;

-- A block, loan by loan. Numbers stand in sevens of bits, the lowest first, the eighth set where more follow. Of each
-- loan: 4 × interest + 2 if its place is not the next one + 1 if it is late; then the distance to its place; then, late,
-- its penalty and its days overdue.
create function unpacked(packed bytea, first_place int)
returns table (place int, interest_tiyn bigint, penalty_tiyn bigint, overdue_days int)
language plpgsql immutable parallel safe as $$
declare
    numbers bigint[] := '{}';
    n numeric := 0;
    weight numeric := 1;
    byte int;
    i int := 1;
    head bigint;
begin
    for at in 0 .. length(packed) - 1 loop
        byte := get_byte(packed, at);
        n := n + (byte & 127) * weight;
        weight := weight * 128;
        if byte < 128 then
            numbers := numbers || n::bigint;
            n := 0;
            weight := 1;
        end if;
    end loop;
    place := first_place - 1;
    while i <= cardinality(numbers) loop
        head := numbers[i];
        i := i + 1;
        interest_tiyn := head >> 2;
        place := place + 1;
        if head & 2 <> 0 then
            place := place - 1 + numbers[i]::int;
            i := i + 1;
        end if;
        penalty_tiyn := 0;
        overdue_days := 0;
        if head & 1 <> 0 then
            penalty_tiyn := numbers[i];
            overdue_days := numbers[i + 1]::int;
            i := i + 2;
        end if;
        return next;
    end loop;
end
$$;

-- What closings accrued, per loan and day.
create view accrual as
    select b.tenant_id, b.day, b.product_id, p.loan_id, u.interest_tiyn, u.penalty_tiyn, u.overdue_days
    from accrual_block b
    cross join lateral unpacked(b.packed, b.first_place) u
    join accrual_place p on p.tenant_id = b.tenant_id and p.place = u.place
    union all
    select tenant_id, day, product_id, loan_id, interest_tiyn, penalty_tiyn, overdue_days from accrual_row;

-- The same for one loan, opening only the blocks it can stand in.
create function accruals(tenant int, loan uuid, first_day date, last_day date)
returns table (day date, interest_tiyn bigint, penalty_tiyn bigint, overdue_days int)
language sql stable as $$
    select b.day, u.interest_tiyn, u.penalty_tiyn, u.overdue_days
    from accrual_place p
    join accrual_block b on b.tenant_id = p.tenant_id and b.day between first_day and last_day
        and p.place between b.first_place and b.last_place
    cross join lateral unpacked(b.packed, b.first_place) u
    where p.tenant_id = tenant and p.loan_id = loan and u.place = p.place
    union all
    select r.day, r.interest_tiyn, r.penalty_tiyn, r.overdue_days
    from accrual_row r where r.tenant_id = tenant and r.loan_id = loan and r.day between first_day and last_day
    order by 1
$$;

grant select, insert on standing, accrual_place, day_chunk, accrual_block, accrual_row to nesie_program;
grant select on accrual to nesie_program;
grant update on standing, day_chunk to nesie_program;

-- How a loan may end.
alter table loan drop constraint loan_status_check;
alter table loan add constraint loan_status_check
    check (status in ('awaiting_disbursement', 'active', 'overdue', 'closed', 'written_off', 'sold', 'cancelled'));
