//! JSON that remembers where its values stand, for a script whose mistakes are to be pointed at.

use std::ops::Range;

/// Chosen: as deep as serde_json goes.
const MAX_DEPTH: usize = 128;

/// A value and the bytes it was read from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Json {
    pub(super) value: Value,
    pub(super) range: Range<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool,
    /// As written.
    Number(String),
    Text(String),
    List(Vec<Json>),
    /// In order, with names that come twice.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// The first property of that name.
    pub(super) fn get(&self, name: &str) -> Option<&Json> {
        let Value::Object(properties) = &self.value else { return None };
        properties.iter().find(|(other, _)| other == name).map(|(_, value)| value)
    }

    /// The values of a list, or the one that there is.
    pub(super) fn all(&self) -> &[Json] {
        match &self.value {
            Value::List(values) => values,
            _ => std::slice::from_ref(self),
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) | Value::Number(text) => Some(text),
            _ => None,
        }
    }
}

/// Reads a text that is one value, or says at which byte it is none.
///
/// Source: RFC 8259.
pub(super) fn parse(text: &str) -> Result<Json, usize> {
    let mut parser = Parser { text, at: 0, depth: 0 };
    parser.space();
    let value = parser.value()?;
    parser.space();
    if parser.at == text.len() { Ok(value) } else { Err(parser.at) }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> Result<(), usize> {
        if self.peek() == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        Err(self.at)
    }

    fn value(&mut self) -> Result<Json, usize> {
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::list)?,
            Some(b'"') => Value::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => self.word()?,
        };
        Ok(Json { value, range: start..self.at })
    }

    fn nested(&mut self, read: impl Fn(&mut Self) -> Result<Value, usize>) -> Result<Value, usize> {
        if self.depth == MAX_DEPTH {
            return Err(self.at);
        }
        self.depth += 1;
        self.at += 1;
        self.space();
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn object(&mut self) -> Result<Value, usize> {
        let mut properties = Vec::new();
        if self.take(b'}').is_ok() {
            return Ok(Value::Object(properties));
        }
        loop {
            let name = self.string()?;
            self.space();
            self.take(b':')?;
            self.space();
            properties.push((name, self.value()?));
            self.space();
            if self.take(b'}').is_ok() {
                return Ok(Value::Object(properties));
            }
            self.take(b',')?;
            self.space();
        }
    }

    fn list(&mut self) -> Result<Value, usize> {
        let mut values = Vec::new();
        if self.take(b']').is_ok() {
            return Ok(Value::List(values));
        }
        loop {
            values.push(self.value()?);
            self.space();
            if self.take(b']').is_ok() {
                return Ok(Value::List(values));
            }
            self.take(b',')?;
            self.space();
        }
    }

    fn string(&mut self) -> Result<String, usize> {
        self.take(b'"')?;
        let mut value = String::new();
        loop {
            let from = self.at;
            while self.peek().is_some_and(|byte| byte != b'"' && byte != b'\\' && byte >= 0x20) {
                self.at += 1;
            }
            value.push_str(&self.text[from..self.at]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(value);
                }
                Some(b'\\') => value.push(self.escape()?),
                _ => return Err(self.at),
            }
        }
    }

    fn escape(&mut self) -> Result<char, usize> {
        let start = self.at;
        self.at += 1;
        let byte = self.peek().ok_or(start)?;
        self.at += 1;
        Ok(match byte {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.unit().ok_or(start)?;
                let code = if (0xd800..0xdc00).contains(&unit) {
                    let low = self.text.get(self.at..).is_some_and(|rest| rest.starts_with("\\u")).then(|| {
                        self.at += 2;
                        self.unit()
                    });
                    let low = low.flatten().filter(|low| (0xdc00..0xe000).contains(low)).ok_or(start)?;
                    0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00)
                } else {
                    unit
                };
                char::from_u32(code).ok_or(start)?
            }
            _ => {
                self.at = start;
                return Err(start);
            }
        })
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }

    fn number(&mut self) -> Result<Value, usize> {
        let start = self.at;
        let _ = self.take(b'-');
        if self.take(b'0').is_err() {
            self.digits()?;
        }
        if self.take(b'.').is_ok() {
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(Value::Number(self.text[start..self.at].to_owned()))
    }

    fn digits(&mut self) -> Result<(), usize> {
        let from = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > from { Ok(()) } else { Err(self.at) }
    }

    fn word(&mut self) -> Result<Value, usize> {
        for (word, value) in [("null", Value::Null), ("true", Value::Bool), ("false", Value::Bool)] {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.at)
    }
}
