//! The loans of a chunk, read by `copy … to stdout (format binary)`: a third of the cost of rows one by one.

use std::{future::poll_fn, ops::Range};

use uuid::Uuid;

use crate::{
    loans::standing::{Held, Record},
    op::Context,
    refusal::{Fault, Result},
};

/// What stands before the first row: eleven bytes of signature, flags, and the length of an extension.
const HEAD: usize = 19;

/// The living loans in `places`, in their order.
pub(super) async fn loans(op: &mut Context, places: Range<i32>) -> Result<Vec<Held>> {
    // `copy` takes no parameters; these are numbers of ours.
    let statement = format!(
        "copy (select loan_id, product_id, place, base, changes_on, day_count, units, principal_tiyn, rate_ppm,
                      interest_before_tiyn, interest_tiyn, interest_rest, interest_denominator, penalty_before_tiyn,
                      penalty_tiyn, penalty_rest, overdue_tiyn, penalty_ppm, penalty_cap_tiyn, overdue_since,
                      interest_in_totals_tiyn, penalty_in_totals_tiyn
               from standing where tenant_id = {} and lives and place >= {} and place < {} order by place)
         to stdout (format binary)",
        op.tenant, places.start, places.end
    );
    let mut bytes = Vec::new();
    let mut stream = op.db().copy_out_raw(&statement).await?;
    while let Some(part) = poll_fn(|context| stream.as_mut().poll_next(context)).await {
        bytes.extend_from_slice(&part?);
    }
    let mut rows = Rows(bytes.get(HEAD..).unwrap_or_default());
    let mut loans = Vec::with_capacity(bytes.len() / 250);
    while let Some(record) = rows.next().ok_or_else(|| Fault::new("a copy of loans breaks off"))? {
        loans.push(record.held()?);
    }
    Ok(loans)
}

/// What is still to be read.
struct Rows<'a>(&'a [u8]);

impl Rows<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    /// A field of `N` bytes; `Some(None)` is null.
    fn nullable<const N: usize>(&mut self) -> Option<Option<[u8; N]>> {
        match i32::from_be_bytes(self.take()?) {
            -1 => Some(None),
            length if usize::try_from(length) == Ok(N) => self.take().map(Some),
            _ => None,
        }
    }

    fn small(&mut self) -> Option<i16> {
        self.nullable()?.map(i16::from_be_bytes)
    }

    fn int(&mut self) -> Option<i32> {
        self.nullable()?.map(i32::from_be_bytes)
    }

    fn big(&mut self) -> Option<i64> {
        self.nullable()?.map(i64::from_be_bytes)
    }

    fn id(&mut self) -> Option<Uuid> {
        self.nullable()?.map(Uuid::from_bytes)
    }

    /// The next row; `Some(None)` after the last one, nothing if the bytes are no copy.
    fn next(&mut self) -> Option<Option<Record>> {
        if i16::from_be_bytes(self.take()?) == -1 {
            return Some(None);
        }
        Some(Some(Record {
            loan_id: self.id()?,
            product_id: self.id()?,
            place: Some(self.int()?),
            lives: true,
            base: self.int()?,
            changes_on: self.int()?,
            day_count: self.small()?,
            units: self.small()?,
            principal: self.big()?,
            rate: self.int()?,
            interest_before: self.big()?,
            interest: self.big()?,
            interest_rest: self.big()?,
            interest_denominator: self.big()?,
            penalty_before: self.big()?,
            penalty: self.big()?,
            penalty_rest: self.int()?,
            overdue: self.big()?,
            penalty_rate: self.int()?,
            penalty_cap: self.big()?,
            overdue_since: self.nullable()?.map(i32::from_be_bytes),
            interest_in_totals: self.big()?,
            penalty_in_totals: self.big()?,
            // Written anew with every fold, and not needed before.
            next_due_on: None,
            debt: 0,
        }))
    }
}
