//! What a client may send: frame, header, and the body of every API that Ringlog reads.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ringlog::protocol::{IncomingRequest, Request, frame, generated};
use ringlog_fuzz::{decode_and_walk, walk, within_bound};

/// Decodes the body with the request that has the key.
macro_rules! decode_body {
    ($incoming:ident, $($name:ident,)*) => {
        $(
            if $incoming.key == <generated::$name as Request>::KEY {
                decode_and_walk::<generated::$name>($incoming.body, $incoming.version());
            }
        )*
    };
}

fuzz_target!(|data: &[u8]| {
    within_bound(data.len(), || {
        let mut rest = data;
        while let Ok(Some((body, behind))) = frame::split(rest, 1 << 20) {
            rest = behind;
            let Ok(incoming) = IncomingRequest::parse(body) else { continue };
            walk(&incoming.header);
            ringlog::for_each_request!(decode_body, incoming);
        }
    });
});
