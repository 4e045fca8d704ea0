//! The verdict on a header never changes with what follows it, and what is
//! whole was partial at every shorter length.
#![no_main]

use libfuzzer_sys::fuzz_target;
use postern_core::wire::proxy::{LONGEST, Verdict, read};

fuzz_target!(|data: &[u8]| {
    for end in 0..=data.len().min(LONGEST + 1) {
        match read(&data[..end]) {
            Verdict::Partial => assert!(end < LONGEST, "a header ends"),
            verdict @ Verdict::Whole { length, .. } => {
                assert_eq!(length, end, "told as soon as it is whole");
                assert_eq!(read(data), verdict, "what follows is not looked at");
                return;
            }
            Verdict::Malformed => {
                assert_eq!(read(data), Verdict::Malformed, "no octet helps");
                return;
            }
        }
    }
});
