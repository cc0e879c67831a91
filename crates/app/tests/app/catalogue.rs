use sqlx::Row;
use testkit::TestApp;

/// The rules that let the same schema be spread over machines one day, and the rights that keep the record
/// ([`lending::law::CL_11`], [`lending::law::CL_34`]).
#[tokio::test]
async fn the_schema_keeps_its_rules_and_the_program_cannot_rewrite_the_record() {
    let t = TestApp::start().await;
    let mut owner = t.owner().await;
    let offenders = async |sql: &'static str, owner: &mut sqlx::PgConnection| -> Vec<String> {
        sqlx::query(sql).fetch_all(owner).await.unwrap().iter().map(|r| r.get(0)).collect()
    };
    for (rule, sql) in [
        (
            "tenant_id is the first column of every key",
            "select c.conrelid::regclass || '.' || c.conname from pg_constraint c
             join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
             where c.contype in ('p', 'u', 'f') and c.connamespace = 'public'::regnamespace
               and a.attname <> 'tenant_id' and c.conrelid::regclass::text <> '_sqlx_migrations'",
        ),
        (
            "tenant_id is the first column of every index",
            "select i.indexrelid::regclass::text from pg_index i
             join pg_class t on t.oid = i.indrelid and t.relnamespace = 'public'::regnamespace
             join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
             where a.attname <> 'tenant_id' and t.relname <> '_sqlx_migrations'",
        ),
        ("no triggers", "select tgname::text from pg_trigger where not tgisinternal"),
        ("no sequences", "select oid::regclass::text from pg_class where relkind = 'S'"),
        ("no deferrable constraints", "select conname::text from pg_constraint where condeferrable"),
        ("no exclusion constraints", "select conname::text from pg_constraint where contype = 'x'"),
        (
            "what must stay cannot be changed or removed by the program",
            "select t || ' ' || p from unnest(array['evidence', 'confirmation', 'acknowledgement', 'agreement', 'offer',
                'loan_event', 'transfer', 'document', 'audit_event', 'accrual_block', 'accrual_row', 'accrual_place',
                'upload', 'party', 'amendment_paper', 'amendment_concluded']) t,
                unnest(array['update', 'delete', 'truncate']) p
             where has_table_privilege('nesie_program', t, p)",
        ),
        (
            "a client's IIN cannot be changed by the program (Rules cl. 6.g)",
            "select 'iin' where has_column_privilege('nesie_program', 'client', 'iin', 'update')",
        ),
        (
            "an entity's BIN cannot be changed by the program (Rules cl. 6.g), nor by whom and what power is given",
            "select c from unnest(array['entity.bin', 'authority.role', 'authority.client_id', 'authority.valid_until',
                'entity_registration.bin', 'entity_registration.role', 'entity_registration.upload_id',
                'upload.evidence_id']) c
             where has_column_privilege('nesie_program', split_part(c, '.', 1), split_part(c, '.', 2), 'update')",
        ),
    ] {
        let found = offenders(sql, &mut owner).await;
        assert!(found.is_empty(), "{rule}: {found:?}");
    }
    t.finish().await;
}

/// Proves [`lending::law::CL_6_G`] and [`lending::law::CL_32`].
#[tokio::test]
async fn the_programs_own_connection_is_refused_when_it_tries() {
    let t = TestApp::start().await;
    for sql in [
        "update client set iin = '880101300123'",
        "update entity set bin = '070440003902'",
        "delete from authority",
        "delete from audit_event",
        "update audit_event set action = 'nothing'",
        "truncate transfer",
        "update evidence set sealed = '\\x00'",
    ] {
        let error = sqlx::query(sql).execute(t.app.pool()).await.unwrap_err();
        assert_eq!(
            error.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref(),
            Some("42501"),
            "{sql}"
        );
    }
    t.finish().await;
}
