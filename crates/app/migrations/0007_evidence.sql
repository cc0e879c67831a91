-- Evidence bundles: the instant by which proofs and codes expire, kept where they are spent, so that "spent in time" can
-- be checked years later; and the ways by which the records of one agreement are found.

alter table confirmation add column spent_at timestamptz;
update confirmation set spent_at = created_at;
alter table confirmation alter column spent_at set not null;

create index confirmation_subject on confirmation (tenant_id, subject_id);
create index inquiry_object on inquiry (tenant_id, object_id);
create index registration_client on registration (tenant_id, client_id) where client_id is not null;

-- Whether a photo has proved something before (Rules cl. 11).
create index evidence_photo on evidence (tenant_id, sha256) where kind = 'photo';
