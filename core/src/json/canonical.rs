//! Canonical JSON of scalars: the shortest numbers that read back the same, the fewest escapes.

use std::fmt::Write;

use crate::value::Value;

/// Writes a value.
pub(crate) fn write_value(value: &Value, json: &mut String) {
    match value {
        Value::Null => json.push_str("null"),
        Value::Bool(true) => json.push_str("true"),
        Value::Bool(false) => json.push_str("false"),
        Value::Int(number) => {
            let _ = write!(json, "{number}");
        }
        Value::Float(number) if number.is_finite() => {
            json.push_str(&serde_json::Value::from(*number).to_string());
        }
        Value::Float(number) => {
            let name = if number.is_nan() {
                "nan"
            } else if *number > 0.0 {
                "inf"
            } else {
                "-inf"
            };
            let _ = write!(json, "{{\"$float\":\"{name}\"}}");
        }
        Value::String(text) => write_string(text, json),
        Value::Bytes(bytes) => {
            json.push_str("{\"$bytes\":\"");
            for byte in bytes {
                let _ = write!(json, "{byte:02x}");
            }
            json.push_str("\"}");
        }
        Value::Timestamp(microseconds) => {
            let _ = write!(json, "{{\"$timestamp\":{microseconds}}}");
        }
    }
}

/// Writes a string, in quotes.
pub(crate) fn write_string(text: &str, json: &mut String) {
    // Writing a string to memory can't fail.
    json.push_str(&serde_json::to_string(text).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_one_form() {
        for (value, json) in [
            (Value::Null, "null"),
            (Value::Int(i64::MIN), "-9223372036854775808"),
            (Value::Float(1.0), "1.0"),
            (Value::Float(-0.0), "-0.0"),
            (Value::Float(0.1), "0.1"),
            (Value::Float(1e300), "1e+300"),
            (Value::Float(f64::NAN), r#"{"$float":"nan"}"#),
            (Value::Float(f64::NEG_INFINITY), r#"{"$float":"-inf"}"#),
            (Value::from("a\"\n\u{1}é"), "\"a\\\"\\n\\u0001é\""),
            (Value::from(vec![0, 255]), r#"{"$bytes":"00ff"}"#),
            (Value::Timestamp(-1), r#"{"$timestamp":-1}"#),
        ] {
            assert_eq!(value.to_json(), json);
        }
    }
}
