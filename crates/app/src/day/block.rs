//! Packed evidence: what a closing accrued of each loan of a product on a day, in three or four bytes a loan.
//!
//! The form is told beside the function `unpacked` of the schema, by which anybody with psql reads it.

use lending::loan::Accrued;

use crate::vault::{Hash, sha256};

/// Loans of a block: some 1.5 kB, so that it stays in its row.
const LOANS: i32 = 400;

/// A block of evidence.
pub(super) struct Block {
    pub(super) first_place: i32,
    pub(super) last_place: i32,
    pub(super) loans: i32,
    pub(super) sum: Accrued,
    pub(super) packed: Vec<u8>,
}

impl Block {
    fn new(place: i32) -> Self {
        Self {
            first_place: place,
            last_place: place - 1,
            loans: 0,
            sum: Accrued::default(),
            packed: Vec::new(),
        }
    }

    /// What a change of the block would change.
    pub(super) fn sha256(&self) -> Hash {
        sha256(&self.packed)
    }
}

/// The blocks of one product and day; loans come in order of place.
#[derive(Default)]
pub(super) struct Blocks {
    full: Vec<Block>,
    open: Option<Block>,
}

impl Blocks {
    /// Adds a loan; `accrued` is not negative.
    pub(super) fn push(&mut self, place: i32, accrued: Accrued, overdue_days: u32) {
        let block = self.open.get_or_insert_with(|| Block::new(place));
        let distance = u64::try_from(place - block.last_place).unwrap_or(0);
        let (interest, penalty) = (unsigned(accrued.interest), unsigned(accrued.penalty));
        let late = penalty > 0 || overdue_days > 0;
        let (far, packed) = (distance != 1, &mut block.packed);
        put(packed, interest << 2 | u64::from(far) << 1 | u64::from(late));
        if far {
            put(packed, distance);
        }
        if late {
            put(packed, penalty);
            put(packed, overdue_days.into());
        }
        block.last_place = place;
        block.loans += 1;
        block.sum += accrued;
        if block.loans == LOANS {
            self.full.extend(self.open.take());
        }
    }

    /// All of them.
    pub(super) fn into_all(self) -> impl Iterator<Item = Block> {
        self.full.into_iter().chain(self.open)
    }
}

fn unsigned(money: lending::money::Money) -> u64 {
    u64::try_from(money.tiyn()).unwrap_or(0)
}

fn put(packed: &mut Vec<u8>, mut number: u64) {
    while number >= 128 {
        packed.push(0x80 | (number & 0x7f) as u8);
        number >>= 7;
    }
    packed.push((number & 0x7f) as u8);
}
