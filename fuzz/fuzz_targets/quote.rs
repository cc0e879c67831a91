//! Nothing that can be asked of `quote` makes it panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = lending::report::quote::quote(&fuzz::plausible::quote(bytes));
});
