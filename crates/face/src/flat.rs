//! Reading FlatBuffers, as far as a `.tflite` file needs: tables, vectors and scalars, every step inside the bytes.

/// A table: where it begins, and where its field offsets are.
#[derive(Clone, Copy)]
pub(crate) struct Table<'a> {
    bytes: &'a [u8],
    at: usize,
    fields: &'a [u8],
}

/// A vector of `length` elements, which begin at `at`.
#[derive(Clone, Copy)]
pub(crate) struct Vector<'a> {
    bytes: &'a [u8],
    at: usize,
    length: usize,
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

/// Where an offset that is stored at `at` leads.
fn follow(bytes: &[u8], at: usize) -> Option<usize> {
    at.checked_add(usize::try_from(u32::from_le_bytes(array(bytes, at)?)).ok()?)
}

impl<'a> Table<'a> {
    /// The table a file begins with.
    pub(crate) fn root(bytes: &'a [u8]) -> Option<Self> {
        Self::at(bytes, follow(bytes, 0)?)
    }

    fn at(bytes: &'a [u8], at: usize) -> Option<Self> {
        let back = i32::from_le_bytes(array(bytes, at)?);
        let fields = usize::try_from(i64::try_from(at).ok()? - i64::from(back)).ok()?;
        let length = usize::from(u16::from_le_bytes(array(bytes, fields)?));
        Some(Self { bytes, at, fields: bytes.get(fields..fields.checked_add(length)?)? })
    }

    /// Where field `number` is; `None` if the file leaves it out.
    fn field(&self, number: usize) -> Option<usize> {
        match u16::from_le_bytes(array(self.fields, 4 + 2 * number)?) {
            0 => None,
            offset => self.at.checked_add(usize::from(offset)),
        }
    }

    /// A byte; 0 if left out.
    pub(crate) fn byte(&self, number: usize) -> u8 {
        self.field(number).and_then(|at| self.bytes.get(at).copied()).unwrap_or(0)
    }

    /// A 32-bit number; 0 if left out.
    pub(crate) fn int(&self, number: usize) -> i32 {
        self.field(number).and_then(|at| array(self.bytes, at)).map_or(0, i32::from_le_bytes)
    }

    /// A table in a field.
    pub(crate) fn table(&self, number: usize) -> Option<Table<'a>> {
        Table::at(self.bytes, follow(self.bytes, self.field(number)?)?)
    }

    /// A vector in a field; empty if left out.
    pub(crate) fn vector(&self, number: usize) -> Vector<'a> {
        let found = self.field(number).and_then(|field| {
            let at = follow(self.bytes, field)?;
            let length = usize::try_from(u32::from_le_bytes(array(self.bytes, at)?)).ok()?;
            Some(Vector { bytes: self.bytes, at: at + 4, length })
        });
        found.unwrap_or(Vector { bytes: self.bytes, at: 0, length: 0 })
    }
}

impl<'a> Vector<'a> {
    /// Its tables; `None` where one is not whole.
    pub(crate) fn tables(self) -> impl Iterator<Item = Option<Table<'a>>> {
        (0..self.length).map(move |index| Table::at(self.bytes, follow(self.bytes, self.at + 4 * index)?))
    }

    /// Its 32-bit numbers.
    pub(crate) fn ints(self) -> Option<Vec<i32>> {
        let bytes = self.bytes.get(self.at..self.at.checked_add(self.length.checked_mul(4)?)?)?;
        Some(bytes.chunks_exact(4).map(|b| i32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect())
    }

    /// Its bytes.
    pub(crate) fn raw(self) -> Option<&'a [u8]> {
        self.bytes.get(self.at..self.at.checked_add(self.length)?)
    }
}
