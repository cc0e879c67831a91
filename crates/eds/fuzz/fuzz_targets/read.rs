//! Every reader takes any bytes and neither panics nor hangs.

#![no_main]

use eds::{Certificate, OcspAnswer, RevocationList, SignedMessage, TimeStamp};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = Certificate::read_all(bytes);
    let _ = SignedMessage::read(bytes);
    let _ = TimeStamp::from_response(bytes);
    let _ = TimeStamp::from_token(bytes);
    let _ = OcspAnswer::read(bytes);
    let _ = RevocationList::read(bytes);
});
