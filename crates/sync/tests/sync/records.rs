//! Stored records as fixtures: the key, the bytes in hex with header and checksum, and for whoever reads
//! them the JSON within.

use crate::device::Store;
use holdfast_sync::client::Table;
use serde_json::{Value, json};

/// Bytes before the JSON of a record: format number and checksum.
const HEADER_BYTES: usize = 9;

/// A fixture of each record, named by table and key.
pub fn named(store: &Store) -> Vec<(String, String)> {
    let of = |((table, key), bytes): (&(Table, String), &Vec<u8>)| {
        let mut name = key.replace('/', "-");
        if let Some((first, rest)) = key.split_once('/') {
            name = match table {
                // The client's id, or the replica's number, says nothing.
                Table::Tray | Table::Rows => rest.replace('/', "-"),
                _ => format!("{first}-{rest}"),
            };
        }
        let within: Value = serde_json::from_slice(&bytes[HEADER_BYTES..]).expect("records are JSON");
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let fixture = json!({ "table": table.name(), "key": key, "hex": hex, "json": within });
        (format!("{}-{name}", table.name()), serde_json::to_string_pretty(&fixture).expect("it is JSON"))
    };
    store.tables.iter().map(of).collect()
}

/// The store that holds these fixtures, without those of the names left out.
pub fn store(fixtures: &[(String, String)], without: &[&str]) -> Store {
    let mut store = Store::default();
    for (name, text) in fixtures {
        if without.iter().any(|left_out| name.strip_prefix("record-") == Some(left_out)) {
            continue;
        }
        let fixture: Value = serde_json::from_str(text).expect(name);
        let text = |field: &str| fixture[field].as_str().expect(name).to_owned();
        let table = Table::ALL.into_iter().find(|table| table.name() == text("table")).expect(name);
        let bytes = text("hex").into_bytes();
        let digit = |byte: u8| char::from(byte).to_digit(16).expect("it is hex") as u8;
        let bytes = bytes.chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect();
        store.tables.insert((table, text("key")), bytes);
    }
    store
}
