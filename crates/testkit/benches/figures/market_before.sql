-- What market.rs hands in, before it is multiplied.
create temp table life (
    life int, product_id uuid, given_on date, amount bigint, term smallint, method text, purpose text,
    rule_set text, terms jsonb, status text, overdue_since date, accrued_to date, events int, standing jsonb
);
create temp table life_event (life int, sequence int, value_date date, body jsonb, paid bigint);
create temp table life_transfer (
    place int, life int, on_date date, debit text, credit text, amount bigint,
    posting text, reversal boolean
);
create temp table person (n int, iin text, number text, life int);
