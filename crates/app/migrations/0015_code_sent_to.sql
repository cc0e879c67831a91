-- To which number a code went, as a keyed mark: what the evidence of its answer says.
alter table challenge add column sent_to bytea not null default '' check (length(sent_to) in (0, 32));
alter table challenge alter column sent_to drop default;
