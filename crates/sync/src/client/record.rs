//! How records lie in a store: a format number, a checksum, JSON.

use serde::{Serialize, de::DeserializeOwned};

/// The format written. Older ones are migrated when read, step by step.
const FORMAT: u8 = 1;

/// Format number and checksum.
const HEADER_BYTES: usize = 9;

/// Why a record could not be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Unreadable;

/// The record of a value.
pub(super) fn seal<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = vec![0; HEADER_BYTES];
    serde_json::to_writer(&mut bytes, value)
        .expect("records are made of strings, numbers, lists and string-keyed maps");
    let checksum = xxhash_rust::xxh3::xxh3_64(&bytes[HEADER_BYTES..]);
    bytes[0] = FORMAT;
    bytes[1..HEADER_BYTES].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

/// The value of a record.
pub(super) fn open<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Unreadable> {
    let (header, body) = bytes.split_at_checked(HEADER_BYTES).ok_or(Unreadable)?;
    if header[0] != FORMAT || header[1..] != xxhash_rust::xxh3::xxh3_64(body).to_le_bytes() {
        return Err(Unreadable);
    }
    serde_json::from_slice(body).map_err(|_| Unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens() {
        assert_eq!(open::<Vec<u32>>(&seal(&vec![1, 2])), Ok(vec![1, 2]));
    }

    #[test]
    fn any_flipped_bit_is_noticed() {
        let sealed = seal(&"text");
        for index in 0..sealed.len() * 8 {
            let mut bad = sealed.clone();
            bad[index / 8] ^= 1 << (index % 8);
            assert_eq!(open::<String>(&bad), Err(Unreadable), "bit {index}");
        }
        assert_eq!(open::<String>(&sealed[..5]), Err(Unreadable));
    }
}
