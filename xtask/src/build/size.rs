//! How large a build is: as it stands on disk, and as it travels.

use std::fmt;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

/// Bytes of one or many files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    /// As they are.
    pub raw: u64,
    /// Compressed by gzip at its best, one by one.
    pub gzip: u64,
}

/// Measures files together.
pub fn of(files: &[&Path]) -> Result<Size> {
    let mut size = Size::default();
    for file in files {
        let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&bytes)?;
        size.raw += bytes.len() as u64;
        size.gzip += encoder.finish()?.len() as u64;
    }
    Ok(size)
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} KB, {} KB gz", self.raw.div_ceil(1024), self.gzip.div_ceil(1024))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Size, of};

    #[test]
    fn adds_files_up() {
        let this = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/build/size.rs");
        let once = of(&[&this]).unwrap();
        assert!(once.gzip > 100 && once.gzip < once.raw, "{once}");
        assert_eq!(of(&[&this, &this]).unwrap(), Size { raw: 2 * once.raw, gzip: 2 * once.gzip });
        assert!(of(&[Path::new("/nowhere")]).is_err());
    }
}
