//! Text out of bytes, as spreadsheets write them: UTF-8 with or without its mark, UTF-16 with it, or Windows-1252.

use serde::Serialize;

/// What a file was written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Encoding {
    /// UTF-8.
    #[serde(rename = "utf-8")]
    Utf8,
    /// UTF-16, which Excel calls "Unicode text".
    #[serde(rename = "utf-16")]
    Utf16,
    /// What Excel writes as "CSV" on Western European computers.
    #[serde(rename = "windows-1252")]
    Windows1252,
}

/// Reads any bytes; what is no UTF-8 and has no mark is taken for Windows-1252, in which every byte means something.
pub fn decode(bytes: &[u8]) -> (String, Encoding) {
    match bytes {
        [0xff, 0xfe, rest @ ..] => (utf16(rest, u16::from_le_bytes), Encoding::Utf16),
        [0xfe, 0xff, rest @ ..] => (utf16(rest, u16::from_be_bytes), Encoding::Utf16),
        _ => {
            let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
            match std::str::from_utf8(bytes) {
                Ok(text) => (text.to_owned(), Encoding::Utf8),
                Err(_) => (bytes.iter().copied().map(windows_1252).collect(), Encoding::Windows1252),
            }
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let units = pairs.iter().copied().map(unit).chain(odd.iter().map(|_| 0xfffd));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// Source: WHATWG Encoding, index windows-1252: as Latin-1 but for 0x80 to 0x9F.
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•',
        '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_spreadsheets_write() {
        let cases: [(&[u8], &str, Encoding); 8] = [
            (b"", "", Encoding::Utf8),
            ("niño".as_bytes(), "niño", Encoding::Utf8),
            ("\u{feff}niño".as_bytes(), "niño", Encoding::Utf8),
            (b"ni\xf1o \x80 \x99", "niño € ™", Encoding::Windows1252),
            (b"\xff\xfen\x00\xf1\x00", "nñ", Encoding::Utf16),
            (b"\xfe\xff\x00n\x00\xf1", "nñ", Encoding::Utf16),
            (b"\xff\xfe\x3d\xd8\x00\xde", "😀", Encoding::Utf16),
            (b"\xff\xfen\x00\xf1", "n\u{fffd}", Encoding::Utf16),
        ];
        for (bytes, text, encoding) in cases {
            assert_eq!(decode(bytes), (text.to_owned(), encoding), "{bytes:?}");
        }
    }
}
