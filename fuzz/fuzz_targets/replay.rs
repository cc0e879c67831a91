//! Nothing that can be asked of `replay` makes it panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = lending::report::replay::replay(&fuzz::plausible::replay(bytes));
});
