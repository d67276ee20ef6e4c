//! Every message at every version, chosen by the first two bytes: responses, which the command line
//! client and later replicas read, and all others.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ringlog::protocol::generated;
use ringlog_fuzz::{decode_and_walk, within_bound};

macro_rules! table {
    ($($name:ident,)*) => {
        &[$(decode_and_walk::<generated::$name>),*]
    };
}

const MESSAGES: &[fn(&[u8], i16)] = ringlog::for_each_message!(table);

fuzz_target!(|data: &[u8]| {
    let [message, version, bytes @ ..] = data else { return };
    let Some(decode) = MESSAGES.get(usize::from(*message)) else { return };
    within_bound(bytes.len(), || decode(bytes, i16::from(*version)));
});
