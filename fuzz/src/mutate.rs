//! Changes to valid inputs, by seed: to the JSON in a line, to lines, to bytes.

use serde_json::{Map, Value, json};

/// Changes one input takes at most.
const CHANGES_MAX: u64 = 5;

/// Bytes an input may grow to.
const SIZE_BYTES_MAX: usize = 64 * 1024;

/// Numbers at which something may be off by one, or too large for some type.
const NUMBERS: &[&str] = &[
    "0",
    "1",
    "-1",
    "2",
    "127",
    "255",
    "256",
    "65536",
    "4294967295",
    "4294967296",
    "9007199254740991",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "1.5",
    "1e308",
    "0.1",
    "-0.0",
    "1e-320",
    "123456789012345678901234567890.5",
];

/// Texts that mean something somewhere.
const TEXTS: &[&str] = &[
    "",
    " ",
    "/",
    "null",
    "issue/",
    "issue/x",
    "project/01920000-0000-7000-8000-000000000002",
    "workspace",
    "texts/",
    "unknown",
    "void",
    "all",
    "nothing",
    "zz_news",
    "\u{0}",
    "\u{feff}",
    "é",
    "\u{1F980}",
    "\u{202e}",
    "\"",
    "\\",
    "%",
    "%e9",
    "+1",
    "-",
    "#",
    "https://a.example/",
    "javascript:alert(1)",
    "<details>",
    "</details>",
    "<img src=",
    "- ",
    "> ",
    "```",
    "| ",
    "[x]: ",
    "**",
    "00000000-0000-0000-0000-000000000000",
    "{01920000000070008000000000000001}",
    "ffffffffffffffff",
    "0000000000000001",
    "2024-05-31T09:15:00Z",
    "-9999-01-01T00:00:00Z",
    "9999-12-31T23:59:60Z",
];

/// A seeded source of choices (splitmix64).
#[derive(Clone, Debug)]
pub struct Choices(u64);

impl Choices {
    /// The choices of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.draw() % bound as u64) as usize
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// One of `inputs`, changed.
pub fn changed(choices: &mut Choices, inputs: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = choices.one_of(inputs).clone();
    for _ in 0..=choices.draw() % CHANGES_MAX {
        match choices.below(10) {
            0..6 => change_json(choices, &mut bytes, inputs),
            6..8 => change_lines(choices, &mut bytes, inputs),
            _ => change_bytes(choices, &mut bytes),
        }
        bytes.truncate(SIZE_BYTES_MAX);
    }
    bytes
}

fn change_lines(choices: &mut Choices, bytes: &mut Vec<u8>, inputs: &[Vec<u8>]) {
    let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let at = choices.below(lines.len());
    let other = choices.one_of(inputs);
    let others: Vec<&[u8]> = other.split(|byte| *byte == b'\n').collect();
    match choices.below(5) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, lines[at]),
        2 => {
            let with = choices.below(lines.len());
            lines.swap(at, with);
        }
        3 => lines.insert(at, *choices.one_of(&others)),
        _ => lines.truncate(at + 1),
    }
    *bytes = lines.join(&b'\n');
}

fn change_bytes(choices: &mut Choices, bytes: &mut Vec<u8>) {
    let at = choices.below(bytes.len() + 1);
    let to = (at + choices.below(16)).min(bytes.len());
    match choices.below(6) {
        0 if at < bytes.len() => bytes[at] ^= 1 << choices.below(8),
        1 => bytes.insert(at, choices.draw() as u8),
        2 => drop(bytes.drain(at..to)),
        3 => {
            let piece = bytes[at..to].repeat(1 + choices.below(200));
            bytes.splice(at..at, piece);
        }
        4 => {
            let text = choices.one_of(TEXTS).bytes();
            bytes.splice(at..to, text);
        }
        _ => bytes.truncate(at),
    }
}

fn change_json(choices: &mut Choices, bytes: &mut Vec<u8>, inputs: &[Vec<u8>]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let at = choices.below(lines.len());
    // A file may be one value over many lines.
    if let Ok(mut value) = serde_json::from_str(&text) {
        change_value(choices, &mut value, inputs);
        *bytes = value.to_string().into_bytes();
    } else if let Some(start) = lines[at].find(['{', '[', '"'])
        && let Ok(mut value) = serde_json::from_str(&lines[at][start..])
    {
        change_value(choices, &mut value, inputs);
        lines[at] = format!("{}{value}", &lines[at][..start]);
        *bytes = lines.join("\n").into_bytes();
    } else {
        change_bytes(choices, bytes);
    }
}

/// Changes one of the values within a value.
fn change_value(choices: &mut Choices, value: &mut Value, inputs: &[Vec<u8>]) {
    let mut place = choices.below(count(value));
    if let Some(chosen) = nth(value, &mut place) {
        change_here(choices, chosen, inputs);
    }
}

fn change_here(choices: &mut Choices, value: &mut Value, inputs: &[Vec<u8>]) {
    if let Value::Object(fields) = value
        && choices.below(3) > 0
    {
        return change_fields(choices, fields);
    }
    if let Value::Array(items) = value
        && !items.is_empty()
        && choices.below(3) > 0
    {
        let at = choices.below(items.len());
        match choices.below(3) {
            0 => drop(items.remove(at)),
            1 => items.insert(at, items[at].clone()),
            _ => items.reverse(),
        }
        return;
    }
    *value = match choices.below(8) {
        0..3 => serde_json::from_str(choices.one_of::<&str>(NUMBERS)).unwrap_or(Value::Null),
        3 if value.is_u64() => {
            json!(value.as_u64().unwrap_or_default().wrapping_add(choices.draw() % 3).wrapping_sub(1))
        }
        3..5 => Value::String((*choices.one_of(TEXTS)).to_owned()),
        5 => match choices.below(4) {
            0 => Value::Null,
            1 => json!([]),
            2 => json!({}),
            _ => json!(true),
        },
        6 => {
            let deep = 1 + choices.below(200);
            (0..deep).fold(value.take(), |within, _| json!([within]))
        }
        _ => {
            let other = choices.one_of(inputs);
            let other = String::from_utf8_lossy(other);
            let lines: Vec<&str> = other.lines().collect();
            if lines.is_empty() {
                return;
            }
            let line = choices.one_of(&lines);
            let start = line.find(['{', '[']).unwrap_or_default();
            let Ok(mut other) = serde_json::from_str::<Value>(&line[start..]) else { return };
            let mut place = choices.below(count(&other));
            nth(&mut other, &mut place).map(Value::take).unwrap_or_default()
        }
    };
}

fn change_fields(choices: &mut Choices, fields: &mut Map<String, Value>) {
    let names: Vec<String> = fields.keys().cloned().collect();
    let text = (*choices.one_of(TEXTS)).to_owned();
    if names.is_empty() {
        fields.insert(text, Value::Null);
        return;
    }
    let name = choices.one_of(&names);
    match choices.below(4) {
        0 => drop(fields.remove(name)),
        1 => drop(fields.insert(text, json!({ "since": 2 }))),
        2 => {
            let value = fields.remove(name).unwrap_or_default();
            fields.insert(text, value);
        }
        _ => {
            let other = choices.one_of(&names);
            let value = fields[other].clone();
            fields.insert(name.clone(), value);
        }
    }
}

/// How many values there are in a value, itself counted.
fn count(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(count).sum::<usize>(),
        Value::Object(fields) => 1 + fields.values().map(count).sum::<usize>(),
        _ => 1,
    }
}

fn nth<'v>(value: &'v mut Value, place: &mut usize) -> Option<&'v mut Value> {
    if *place == 0 {
        return Some(value);
    }
    *place -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| nth(item, place)),
        Value::Object(fields) => fields.values_mut().find_map(|field| nth(field, place)),
        _ => None,
    }
}
