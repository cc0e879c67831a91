-- What lender.rs hands in, before it is multiplied.
create temp table size (loans int, yesterday date, receipts boolean);
create temp table life (
    life int, product_id uuid, given_on date, terms jsonb, status text, events int, standing jsonb
);
create temp table life_event (life int, sequence int, value_date date, body jsonb, paid bigint);
create temp table life_transfer (
    place int, life int, on_date date, debit text, credit text, amount bigint, posting text
);
create temp table life_total (life int, debit text, credit text, amount bigint, posting text);
