-- An agreement's terms name the kind of credit, by which it depends when accrual stops in a delay; before, they said only
-- whether it stops at all.
update loan set terms = terms - 'fully_secured'
    || jsonb_build_object('kind', case when terms->'fully_secured' = 'true' then 'wholly_secured' else 'unsecured' end)
where terms ? 'fully_secured';
update offer set terms = terms - 'fully_secured'
    || jsonb_build_object('kind', case when terms->'fully_secured' = 'true' then 'wholly_secured' else 'unsecured' end)
where terms ? 'fully_secured';
