//! The organization and its products, as the client sees them (Rules cl. [7.2](lending::law::CL_7_2),
//! [24.1](lending::law::CL_24_1)).

mod policy;

pub use policy::{OutOfBounds, Policy, policy, set_policy};

use std::sync::Arc;

use jiff::{SignedDuration, civil::Date};
use lending::product::Product;
use serde::{Deserialize, Serialize};
use texts::Lang;
use uuid::Uuid;

use crate::{
    App, audit,
    id::Id,
    op::{Context, System, missing},
    refusal::Result,
    vault::{Hash, same},
};

/// A text in the three languages.
#[allow(missing_docs)]
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Trilingual {
    pub kk: String,
    pub ru: String,
    pub en: String,
}

impl Trilingual {
    /// In one of them.
    #[must_use]
    pub fn in_lang(&self, lang: Lang) -> &str {
        match lang {
            Lang::Kk => &self.kk,
            Lang::Ru => &self.ru,
            Lang::En => &self.en,
        }
    }
}

/// The organization's data (Rules cl. [7.2](lending::law::CL_7_2): addresses, phones, fax, e-mail, first manager).
#[allow(missing_docs)]
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Organization {
    /// The name people know it by.
    pub name: Trilingual,
    /// The name it is registered under.
    pub legal_name: Trilingual,
    pub bin: String,
    pub legal_address: Trilingual,
    pub actual_address: Trilingual,
    pub phones: String,
    pub fax: String,
    pub email: String,
    /// Address of the personal account.
    pub site: String,
    pub first_manager: String,
    pub manager_post: Trilingual,
    pub licence_number: String,
    #[schema(value_type = String, format = Date)]
    pub licence_date: Date,
    /// Account to which repayments go.
    pub iban: String,
    pub bank: Trilingual,
    pub bic: String,
    /// Its corporate colour, `#rrggbb` (Rules cl. [24.1](lending::law::CL_24_1)).
    pub colour: String,
}

/// The organization.
pub async fn organization(op: &mut Context) -> Result<Organization> {
    let tenant = op.tenant;
    let body = sqlx::query_scalar!("select body from organization where tenant_id = $1", tenant)
        .fetch_optional(op.db())
        .await?
        .ok_or_else(|| missing("organization", Uuid::nil()))?;
    Ok(serde_json::from_value(body)?)
}

/// Marks the id of a product.
pub struct ProductRecord;

/// A product with its id.
#[derive(Debug, Clone)]
pub struct Offered {
    /// Id.
    pub id: Id<ProductRecord>,
    /// The product's rules.
    pub product: Product,
}

/// How long a visitor may see yesterday's products after they changed.
const FRESH: SignedDuration = SignedDuration::from_secs(5);

/// Products on offer, for who only looks: read from the database every few seconds at most, because everybody who
/// passes by asks. Who applies is held to [`products`].
pub async fn on_show(app: &App) -> Result<Arc<Vec<Offered>>> {
    let now = app.clock().security_now();
    let mut shown = app.on_show().lock().await;
    if let Some((read_at, offered)) = &*shown
        && now < *read_at + FRESH
    {
        return Ok(Arc::clone(offered));
    }
    let mut op = app.begin(System).await?;
    let offered = Arc::new(products(&mut op).await?);
    *shown = Some((now, Arc::clone(&offered)));
    Ok(offered)
}

/// Products on offer, by code.
pub async fn products(op: &mut Context) -> Result<Vec<Offered>> {
    let tenant = op.tenant;
    let rows =
        sqlx::query!("select id, body from product where tenant_id = $1 and offered order by code", tenant)
            .fetch_all(op.db())
            .await?;
    rows.into_iter()
        .map(|r| Ok(Offered { id: r.id.into(), product: serde_json::from_value(r.body)? }))
        .collect()
}

fn key_check(app: &App) -> Hash {
    app.vault().mark("key-check", &[])
}

/// Whether the vault's key is the one this database was begun with; `None`: it was not begun yet. With another
/// key every password would be wrong and all evidence unreadable.
pub async fn knows_key(app: &App) -> Result<Option<bool>> {
    let check = sqlx::query_scalar!("select key_check from organization where tenant_id = $1", app.tenant())
        .fetch_optional(app.pool())
        .await?;
    Ok(check.map(|check| same(&check, &key_check(app))))
}

/// Founds the organization in an empty database, and its products; does nothing where it stands already.
pub async fn found(op: &mut Context, organization: &Organization, products: &[Product]) -> Result<()> {
    let (tenant, now) = (op.tenant, op.now_sql());
    sqlx::query!(
        "insert into organization (tenant_id, body, key_check) values ($1, $2, $3) on conflict do nothing",
        tenant,
        serde_json::to_value(organization)?,
        &key_check(&op.app),
    )
    .execute(op.db())
    .await?;
    for product in products {
        let id = op.id();
        sqlx::query!(
            "insert into product (tenant_id, id, code, body, offered, created_at) values ($1, $2, $3, $4, true, $5)
             on conflict (tenant_id, code) do nothing",
            tenant,
            id,
            product.code,
            serde_json::to_value(product)?,
            now as _,
        )
        .execute(op.db())
        .await?;
    }
    audit::record(op, "organization.founded", None, &products.iter().map(|p| &p.code).collect::<Vec<_>>())
        .await
}
