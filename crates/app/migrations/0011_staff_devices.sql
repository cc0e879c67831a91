-- Employees are known on their devices, too: a stranger's guesses are counted apart.
alter table device alter column client_id drop not null;
alter table device add column staff_id uuid;
alter table device add constraint device_staff foreign key (tenant_id, staff_id) references staff;
alter table device add constraint device_owner check (num_nonnulls(client_id, staff_id) = 1);

-- A client's recoveries under way end with a change of factor.
create index session_change on session (tenant_id, change_id) where ended_at is null;
