//! Puts a knowledge base with its index into the store of a host that stands still: encoding thousands of texts there would take an hour.

use std::path::Path;

use anyhow::{Context, Result};
use rusqlite::params;
use serde_json::Value as Json;

/// Bytes of one part of the index. Source: `PART_BYTES` of shared/knowledge/src/library.rs.
const PART_BYTES: usize = 1_000_000;
/// Writes the articles of a file of lines and the index of another as the function would have left them.
///
/// Errors: unless exactly one store lies below `data`.
pub fn fill(data: &Path, site: &str, articles: &Path, index: &Path) -> Result<()> {
    let text = std::fs::read_to_string(articles).with_context(|| format!("cannot read {}", articles.display()))?;
    let blob = std::fs::read(index).with_context(|| format!("cannot read {}", index.display()))?;
    let mut connection = crate::bench::stores::open(data, "kb_parts")?;
    let all = connection.transaction()?;
    let mut entries = std::collections::BTreeSet::new();
    for line in text.lines() {
        let article: Json = serde_json::from_str(line)?;
        let (id, locale) = (article["id"].as_str().unwrap_or_default(), article["locale"].as_str().unwrap_or_default());
        let insert =
            "INSERT INTO kb_articles (site_id, id, locale, definition, digest, is_managed, updated_at) VALUES (?1, ?2, ?3, ?4, '', 0, 0)";
        all.prepare_cached(insert)?.execute(params![site, id, locale, line])?;
        entries.insert(id.to_owned());
    }
    for (number, part) in blob.chunks(PART_BYTES).enumerate() {
        let insert = "INSERT INTO kb_parts (site_id, generation, number, bytes) VALUES (?1, 1, ?2, ?3)";
        all.execute(insert, params![site, i64::try_from(number)?, part])?;
    }
    let shelf = "INSERT INTO kb (site_id, version, indexed, generation, pending, entries, bytes, quality, built_at) VALUES (?1, 1, 1, 1, 0, ?2, ?3, '{}', 0)";
    all.execute(shelf, params![site, i64::try_from(entries.len())?, i64::try_from(blob.len())?])?;
    Ok(all.commit()?)
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn a_store_is_found_and_filled_once() {
        let folder = std::env::temp_dir().join(format!("orilla-faq-store-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("deep")).unwrap();
        let write = |name: &str, bytes: &[u8]| {
            std::fs::write(folder.join(name), bytes).unwrap();
            folder.join(name)
        };
        let articles = write("a.jsonl", b"{\"id\":\"a\",\"locale\":\"es\"}\n{\"id\":\"a\",\"locale\":\"en\"}\n");
        let index = write("i.bin", &vec![7; PART_BYTES + 1]);
        assert!(fill(&folder, "s", &articles, &index).is_err(), "there is no store yet");
        let store = folder.join("deep/s.sqlite");
        let schema = std::fs::read_to_string(crate::paths::root().join("migrations/0004_chat.sql")).unwrap();
        Connection::open(&store).unwrap().execute_batch(&schema).unwrap();
        fill(&folder, "s", &articles, &index).unwrap();
        let count = |query: &str| Connection::open(&store).unwrap().query_row(query, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!((count("SELECT count(*) FROM kb_articles"), count("SELECT entries FROM kb")), (2, 1));
        assert_eq!(count("SELECT sum(length(bytes)) FROM kb_parts"), i64::try_from(PART_BYTES + 1).unwrap());
        assert!(fill(&folder, "s", &articles, &index).is_err(), "it holds one already");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
