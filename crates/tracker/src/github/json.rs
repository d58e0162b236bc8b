//! A JSON value that knows where in which file it stands.

use super::{File, ImportError, Place};
use serde_json::Value;

/// One value of a file.
pub(super) struct At<'v> {
    file: File,
    index: usize,
    field: String,
    value: &'v Value,
}

/// The entries of a file.
pub(super) fn entries(file: File, text: &str) -> Result<Vec<Value>, ImportError> {
    let fail = |line, column, reason: String| ImportError { file, place: Place::Line { line, column }, reason };
    // What Windows' editors put in front.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match serde_json::from_str(text) {
        Ok(Value::Array(entries)) => Ok(entries),
        Ok(other) => {
            Err(fail(1, 1, format!("This should be a JSON array of {}, but is {}.", holds(file), kind(&other))))
        }
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            let reason = error.to_string();
            let reason = reason.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&reason);
            Err(fail(line, column, format!("This is not valid JSON: {reason}.")))
        }
    }
}

impl<'v> At<'v> {
    pub(super) fn entry(file: File, index: usize, value: &'v Value) -> Result<Self, ImportError> {
        let entry = Self { file, index, field: String::new(), value };
        match value {
            Value::Object(_) => Ok(entry),
            _ => Err(entry.fail(format!("This should be an object, but is {}.", kind(value)))),
        }
    }

    pub(super) fn fail(&self, reason: impl Into<String>) -> ImportError {
        let place = Place::Entry { index: self.index, field: self.field.clone() };
        ImportError { file: self.file, place, reason: reason.into() }
    }

    /// A field that is there and not null.
    pub(super) fn optional(&self, name: &str) -> Option<At<'v>> {
        let field = if self.field.is_empty() { name.to_owned() } else { format!("{}.{name}", self.field) };
        let value = self.value.get(name).filter(|value| !value.is_null())?;
        Some(At { file: self.file, index: self.index, field, value })
    }

    pub(super) fn field(&self, name: &str) -> Result<At<'v>, ImportError> {
        self.optional(name).ok_or_else(|| {
            let field = if self.field.is_empty() { name.to_owned() } else { format!("{}.{name}", self.field) };
            At { file: self.file, index: self.index, field, value: self.value }.fail("This field is missing.")
        })
    }

    pub(super) fn text(&self) -> Result<&'v str, ImportError> {
        self.value.as_str().ok_or_else(|| self.not("a text"))
    }

    pub(super) fn positive(&self) -> Result<u64, ImportError> {
        self.value.as_u64().filter(|number| *number > 0).ok_or_else(|| self.not("a whole number from 1"))
    }

    pub(super) fn list(&self) -> Result<Vec<At<'v>>, ImportError> {
        let items = self.value.as_array().ok_or_else(|| self.not("an array"))?.iter().enumerate();
        let item = |(n, value)| At { file: self.file, index: self.index, field: format!("{}[{n}]", self.field), value };
        Ok(items.map(item).collect())
    }

    /// A time, in Unix milliseconds.
    pub(super) fn time(&self) -> Result<i64, ImportError> {
        let time = self.text()?.parse::<jiff::Timestamp>();
        time.map(jiff::Timestamp::as_millisecond)
            .map_err(|_| self.fail("This should be a time like 2024-05-31T09:15:00Z."))
    }

    pub(super) fn is_text(&self) -> bool {
        self.value.is_string()
    }

    fn not(&self, expected: &str) -> ImportError {
        self.fail(format!("This should be {expected}, but is {}.", kind(self.value)))
    }
}

fn holds(file: File) -> &'static str {
    match file {
        File::Issues => "issues",
        File::Comments => "comments",
    }
}

fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(_) => "a text".into(),
        Value::Array(_) => "an array".into(),
        Value::Object(_) => "an object".into(),
    }
}
