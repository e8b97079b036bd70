//! The search among made-up vectors of the length that `small` gives.

use std::cell::RefCell;

use orilla_learn::search::{Best, Hit, Int8, Vectors};

use crate::Answer;
use crate::products::{Numbers, scalar};

/// Source: `models/small/CARD.md`.
const COLUMNS: usize = 384;
/// Chosen: what a page of suggestions shows.
const K: usize = 10;

#[derive(Default)]
struct Collection {
    lanes: Option<Vectors>,
    rows: Vec<Int8>,
}

thread_local! {
    /// Kept between questions, so that making it up is not measured.
    static COLLECTION: RefCell<Collection> = RefCell::default();
}

pub(crate) fn nearest(rows: usize, is_scalar: bool, times: usize) -> Result<Answer, String> {
    let mut numbers = Numbers::default();
    let query = Int8 { scale: 1.0 / 127.0, values: numbers.take(COLUMNS) };
    COLLECTION.with_borrow_mut(|collection| {
        if collection.rows.len() != rows {
            let mut lanes = Vectors::new(COLUMNS).map_err(|error| error.to_string())?;
            collection.rows = (0..rows).map(|_| Int8 { scale: 1.0 / 127.0, values: numbers.take(COLUMNS) }).collect();
            collection.rows.iter().try_for_each(|row| lanes.push(row)).map_err(|error| error.to_string())?;
            collection.lanes = Some(lanes);
        }
        let mut hits = Vec::new();
        for _ in 0..times {
            hits = match &collection.lanes {
                Some(lanes) if !is_scalar => lanes.nearest(&query, K).map_err(|error| error.to_string())?,
                _ => one_at_a_time(&collection.rows, &query),
            };
        }
        Ok(Answer { labels: hits.iter().map(|hit| hit.index).collect(), ..Answer::default() })
    })
}

fn one_at_a_time(rows: &[Int8], query: &Int8) -> Vec<Hit> {
    let mut best = Best::new(K);
    for (index, row) in rows.iter().enumerate() {
        best.offer(index, scalar(&row.values, &query.values) as f32 * (row.scale * query.scale));
    }
    best.into_hits()
}
