//! What a device's store may hold by the time it is opened: a record a line, `TABLE KEY JSON` under a
//! right checksum, or `TABLE KEY #TEXT` as it is.

use crate::{
    device::{comes_back_as_it_was, driver::Store, open, speaks_the_protocol},
    text,
};
use holdfast_sync::client::{CLIENT_KEY, Table};

/// A record as this version writes it, whatever it holds.
pub fn sealed(json: &str) -> Vec<u8> {
    let mut bytes = vec![1];
    bytes.extend(xxhash_rust::xxh3::xxh3_64(json.as_bytes()).to_le_bytes());
    bytes.extend(json.bytes());
    bytes
}

pub fn check(bytes: &[u8]) {
    let mut store = Store::default();
    for line in text(bytes).lines() {
        let mut words = line.splitn(3, ' ');
        let (Some(table), Some(key), Some(value)) = (words.next(), words.next(), words.next()) else { continue };
        let Some(table) = Table::ALL.into_iter().find(|of| of.name() == table) else { continue };
        let value = value.strip_prefix('#').map_or_else(|| sealed(value), |text| text.as_bytes().to_vec());
        // What the store itself wrote is its own.
        if key != CLIENT_KEY {
            store.tables.insert((table, key.to_owned()), value);
        }
    }
    let mut device = open(store);
    device.wait(100);
    speaks_the_protocol(&mut device);
    comes_back_as_it_was(device, 1);
}
