//! JSON text (RFC 8259) to a tree. It says where a text is wrong, takes no key twice, and goes no
//! deeper than a document does; what it allocates is in proportion to the text.

use crate::options::MAX_DEPTH;
use crate::value::Value;

use super::error::JsonError;
use super::tree::{Shape, Tree};

/// How many arrays and objects may be open: the root, and as many as a document is deep.
const MAX_OPEN: usize = MAX_DEPTH + 1;

/// Reads a JSON text.
///
/// # Errors
/// [`JsonError`], which names the byte.
pub(crate) fn read(json: &str) -> Result<Tree, JsonError> {
    let mut reader = Reader { json, at: 0, open: 0 };
    let tree = reader.value()?;
    match reader.peek() {
        None => Ok(tree),
        Some(_) => Err(reader.expected("the end, as one value has been read")),
    }
}

struct Reader<'j> {
    json: &'j str,
    at: usize,
    /// How many arrays and objects are open.
    open: usize,
}

impl<'j> Reader<'j> {
    fn expected(&self, expected: &'static str) -> JsonError {
        JsonError::Syntax { at: self.at, expected }
    }

    /// The byte here.
    fn byte(&self) -> Option<u8> {
        self.json.as_bytes().get(self.at).copied()
    }

    /// The byte behind white space.
    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.byte() {
            self.at += 1;
        }
        self.byte()
    }

    /// Passes over a byte, if it is the next one.
    fn take(&mut self, byte: u8) -> bool {
        let is_next = self.byte() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn value(&mut self) -> Result<Tree, JsonError> {
        let shape = match self.peek() {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'"') => Shape::Value(Value::String(self.string()?)),
            Some(b'-' | b'0'..=b'9') => Shape::Value(self.number()?),
            Some(b't') => self.word("true", Value::Bool(true))?,
            Some(b'f') => self.word("false", Value::Bool(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            _ => return Err(self.expected("a value")),
        };
        Ok(shape.into())
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Shape, JsonError> {
        if !self.json[self.at..].starts_with(word) {
            return Err(self.expected("a value"));
        }
        self.at += word.len();
        Ok(Shape::Value(value))
    }

    /// Reads an array or an object from its bracket on. Recursion ends at [`MAX_OPEN`].
    fn nested(
        &mut self,
        read: fn(&mut Self) -> Result<Shape, JsonError>,
    ) -> Result<Shape, JsonError> {
        if self.open == MAX_OPEN {
            return Err(JsonError::TooDeep { at: self.at, limit: MAX_DEPTH });
        }
        self.open += 1;
        self.at += 1;
        let shape = read(self)?;
        self.open -= 1;
        Ok(shape)
    }

    fn array(&mut self) -> Result<Shape, JsonError> {
        let mut items = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Shape::List(items));
        }
        loop {
            items.push(self.value()?);
            if self.peek() == Some(b']') {
                self.at += 1;
                return Ok(Shape::List(items));
            }
            if !self.take(b',') {
                return Err(self.expected("`,` or `]`"));
            }
        }
    }

    fn object(&mut self) -> Result<Shape, JsonError> {
        let mut members: Vec<(String, Tree)> = Vec::new();
        let start = self.at;
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Shape::Map(members));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.expected("a key, in quotes"));
            }
            let key = self.string()?;
            if self.peek() != Some(b':') {
                return Err(self.expected("`:`"));
            }
            self.at += 1;
            members.push((key, self.value()?));
            if self.peek() == Some(b'}') {
                self.at += 1;
                break;
            }
            if !self.take(b',') {
                return Err(self.expected("`,` or `}`"));
            }
        }
        members.sort_by(|a, b| a.0.cmp(&b.0));
        match members.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            Some(pair) => Err(JsonError::DuplicateKey { at: start - 1, key: pair[0].0.clone() }),
            None => Ok(Shape::Map(members)),
        }
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.at += 1;
        let mut string = String::new();
        loop {
            let rest = &self.json[self.at..];
            let plain = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
            let plain = plain.unwrap_or(rest.len());
            string.push_str(&rest[..plain]);
            self.at += plain;
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(string);
                }
                Some(b'\\') => string.push(self.escaped()?),
                _ => return Err(self.expected("the rest of a string, and its closing quote")),
            }
        }
    }

    fn escaped(&mut self) -> Result<char, JsonError> {
        const WRONG: &str = "an escape: one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t, or \\u and four hexadecimal digits";
        let error = self.expected(WRONG);
        self.at += 1;
        let escape = self.byte().ok_or(error.clone())?;
        self.at += 1;
        match escape {
            b'"' | b'\\' | b'/' => Ok(char::from(escape)),
            b'b' => Ok('\u{8}'),
            b'f' => Ok('\u{c}'),
            b'n' => Ok('\n'),
            b'r' => Ok('\r'),
            b't' => Ok('\t'),
            b'u' => {
                let first = self.code_unit().ok_or(error.clone())?;
                let second = match first {
                    0xd800..=0xdbff if self.take(b'\\') && self.take(b'u') => self.code_unit(),
                    _ => None,
                };
                // An escaped surrogate without its other half is no character, and none we can keep.
                let units = [first].into_iter().chain(second);
                char::decode_utf16(units).next().and_then(Result::ok).ok_or(error)
            }
            _ => Err(error),
        }
    }

    /// The four digits behind `\u`.
    fn code_unit(&mut self) -> Option<u16> {
        let digits = self.json.as_bytes().get(self.at..self.at + 4)?;
        let mut unit = 0;
        for &digit in digits {
            unit = unit << 4 | char::from(digit).to_digit(16)? as u16;
        }
        self.at += 4;
        Some(unit)
    }

    /// A number with a fraction or an exponent is a float, any other an integer.
    fn number(&mut self) -> Result<Value, JsonError> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        let mut is_whole = true;
        if self.take(b'.') {
            is_whole = false;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            is_whole = false;
            self.at += 1;
            let _sign = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        let digits = &self.json[start..self.at];
        if let Some(number) = is_whole.then(|| digits.parse().ok()).flatten() {
            return Ok(Value::Int(number));
        }
        let number: f64 = digits.parse().unwrap_or(f64::INFINITY);
        // Programs without integers write large floats without a fraction; what reads back as the
        // same digits is one of these. Of any other, digits would be lost.
        let fits = number.is_finite() && (!is_whole || number.to_string() == digits);
        if fits { Ok(Value::Float(number)) } else { Err(JsonError::Number { at: start }) }
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.byte() {
            self.at += 1;
        }
        if self.at == start { Err(self.expected("a digit")) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(json: &str) -> JsonError {
        read(json).map(|tree| tree.to_json()).unwrap_err()
    }

    #[test]
    fn json_is_read_and_written_canonically() {
        for (json, canonical) in [
            (" [ 1 , -0 , 1.0, 1E2, 0.10 ] ", "[1,0,1.0,100.0,0.1]"),
            ("{\"b\":true,\"a\":{}, \"\":null}", r#"{"":null,"a":{},"b":true}"#),
            (r#""\u0041\ud834\udd1e\/\b\"\n é""#, "\"A𝄞/\\b\\\"\\n é\""),
            ("-9223372036854775808", "-9223372036854775808"),
            ("18446744073709552000", "1.8446744073709552e+19"),
            ("1e-400", "0.0"),
            (r#"{"$bytes":"00ff"}"#, r#"{"$bytes":"00ff"}"#),
        ] {
            assert_eq!(read(json).unwrap().to_json(), canonical, "{json}");
        }
    }

    #[test]
    fn what_is_not_json_says_where() {
        for (json, at) in [
            ("", 0),
            ("  ", 2),
            ("tru", 0),
            ("[1,]", 3),
            ("[1 2]", 3),
            ("{\"a\" 1}", 5),
            ("{a:1}", 1),
            ("{\"a\":1,}", 7),
            ("01", 1),
            ("1.", 2),
            ("-", 1),
            ("1e", 2),
            ("\"a", 2),
            ("\"\u{1}\"", 1),
            (r#""\x""#, 1),
            (r#""\ud800""#, 1),
            (r#""\ud800\u0041""#, 1),
            (r#""\udc00""#, 1),
            (r#""\u00é""#, 1),
            ("[] []", 3),
            ("\u{feff}1", 0),
        ] {
            let JsonError::Syntax { at: found, .. } = error(json) else { panic!("{json}") };
            assert_eq!(found, at, "{json}");
        }
    }

    #[test]
    fn what_would_be_lost_is_refused() {
        assert_eq!(error("18446744073709551615"), JsonError::Number { at: 0 });
        assert_eq!(error("[1e400]"), JsonError::Number { at: 1 });
        let duplicate = JsonError::DuplicateKey { at: 1, key: "a".to_owned() };
        assert_eq!(error(r#"[{"a":1,"b":2,"\u0061":3}]"#), duplicate);
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(read(&nested(MAX_OPEN)).is_ok());
        let too_deep = JsonError::TooDeep { at: MAX_OPEN, limit: MAX_DEPTH };
        assert_eq!(error(&nested(MAX_OPEN + 1)), too_deep);
        assert_eq!(error(&"[".repeat(1 << 20)), too_deep);
    }
}
