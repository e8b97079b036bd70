//! Puts lessons and open tickets into the store of a host that stands still: each would have to be encoded there.

use std::path::Path;

use anyhow::{Result, ensure};
use rusqlite::{Connection, params};
use serde_json::json;

use crate::bench::hosts::SITE;
use crate::bench::stores;

/// People of the desk, and how many tickets each may hold. Chosen: room for all of the tickets.
pub const PEOPLE: usize = 50;
const ROOM: usize = 400;
/// Numbers of a vector move by so much from one lesson to the next, of 127. Chosen: lessons are alike, and none is another's copy.
const MOVED: i16 = 9;

/// A ticket of our own rows.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct Row {
    pub subject: String,
    pub body: String,
    pub category: String,
    pub priority: String,
}

/// Makes lessons of rows; their vectors are those of the tickets that are there, each number moved a little.
pub fn teach(data: &Path, rows: &[Row]) -> Result<()> {
    let mut connection = stores::open(data, "ticket_lessons")?;
    let vectors: Vec<Vec<u8>> = connection
        .prepare("SELECT vector FROM tickets WHERE site_id = ?1 AND vector IS NOT NULL ORDER BY number")?
        .query_map([SITE], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    ensure!(!vectors.is_empty(), "there is no ticket to take a vector from");
    let all = connection.transaction()?;
    for (number, row) in rows.iter().enumerate() {
        let insert = "INSERT OR REPLACE INTO ticket_lessons (site_id, id, words, vector, locale, category, priority, learnt_at) \
                      VALUES (?1, ?2, ?3, ?4, 'en', ?5, ?6, ?7)";
        let words = format!("{}\n{}", row.subject, row.body);
        let vector = moved(&vectors[number % vectors.len()], number);
        let values = params![SITE, format!("lesson-{number}"), words, vector, row.category, row.priority, i64::try_from(number)?];
        all.prepare_cached(insert)?.execute(values)?;
    }
    Ok(all.commit()?)
}

/// The same numbers moved by what follows from the place: nobody needs chance here.
fn moved(vector: &[u8], number: usize) -> Vec<u8> {
    let mut state = u32::try_from(number).unwrap_or_default().wrapping_mul(2_654_435_761).wrapping_add(1);
    let mut step = || {
        // Source: Numerical Recipes, §7.1, a generator of one line.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        i16::try_from(state >> 16).unwrap_or(i16::MAX) % (2 * MOVED + 1) - MOVED
    };
    let bytes = vector.iter().map(|byte| (i16::from(byte.cast_signed()) + step()).clamp(-127, 127));
    bytes.map(|value| i8::try_from(value).unwrap_or_default().cast_unsigned()).collect()
}

/// Makes so many open tickets of those that are there, everybody's share in their hands.
pub fn open(data: &Path, tickets: usize) -> Result<()> {
    let mut connection = stores::open(data, "tickets")?;
    let desk = json!({
        "agents": (0..PEOPLE).map(|it| json!({ "id": format!("agent-{it}"), "team": "support", "capacity": ROOM, "languages": ["es", "en"] }))
            .collect::<Vec<_>>(),
    });
    let all = connection.transaction()?;
    all.execute(
        "INSERT OR REPLACE INTO desks (site_id, definition, digest, updated_at) VALUES (?1, ?2, '', 0)",
        params![SITE, desk.to_string()],
    )?;
    for person in 0..PEOPLE {
        let insert = "INSERT OR REPLACE INTO desk_agents (site_id, id, presence, updated_at) VALUES (?1, ?2, 'online', 0)";
        all.execute(insert, params![SITE, format!("agent-{person}")])?;
    }
    let there = copies(&all)?;
    let (event, ticket) = columns(&all)?;
    for number in 0..tickets {
        let original = &there[number % there.len()];
        let assignee = format!("agent-{}", number % PEOPLE);
        let id = format!("open-{number}");
        let insert = format!(
            "INSERT INTO tickets (site_id, id, number, status, assignee, fingerprint, {ticket}) \
             SELECT site_id, ?2, ?3, 'open', ?4, ?2, {ticket} FROM tickets WHERE site_id = ?1 AND id = ?5"
        );
        all.prepare_cached(&insert)?.execute(params![SITE, id, i64::try_from(1_000_000 + number)?, assignee, original])?;
        let insert = format!(
            "INSERT INTO ticket_events (ticket_id, {event}) SELECT ?2, {event} FROM ticket_events WHERE site_id = ?1 AND ticket_id = ?3"
        );
        all.prepare_cached(&insert)?.execute(params![SITE, id, original])?;
    }
    Ok(all.commit()?)
}

/// Takes so many out of everybody's hands.
pub fn wait(data: &Path, tickets: usize) -> Result<()> {
    let update = "UPDATE tickets SET assignee = NULL WHERE site_id = ?1 AND id IN \
                  (SELECT id FROM tickets WHERE site_id = ?1 AND id LIKE 'open-%' ORDER BY number DESC LIMIT ?2)";
    stores::open(data, "tickets")?.execute(update, params![SITE, i64::try_from(tickets)?])?;
    Ok(())
}

/// Has the clock look at so many of them at its next tick.
pub fn make_due(data: &Path, tickets: usize) -> Result<()> {
    let update = "UPDATE tickets SET next_at = 0 WHERE site_id = ?1 AND id IN \
                  (SELECT id FROM tickets WHERE site_id = ?1 AND assignee IS NOT NULL AND id LIKE 'open-%' ORDER BY number LIMIT ?2)";
    stores::open(data, "tickets")?.execute(update, params![SITE, i64::try_from(tickets)?])?;
    Ok(())
}

fn copies(connection: &Connection) -> Result<Vec<String>> {
    let ids: Vec<String> = connection
        .prepare("SELECT id FROM tickets WHERE site_id = ?1 ORDER BY number LIMIT 20")?
        .query_map([SITE], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    ensure!(!ids.is_empty(), "there is no ticket to copy");
    Ok(ids)
}

/// What of an event and of a ticket is copied as it is.
fn columns(connection: &Connection) -> Result<(String, String)> {
    let of = |table: &str, except: &[&str]| -> Result<String> {
        let names: Vec<String> = connection
            .prepare_cached("SELECT name FROM pragma_table_info(?1)")?
            .query_map([table], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        Ok(names.into_iter().filter(|name| !except.contains(&name.as_str())).collect::<Vec<_>>().join(", "))
    };
    let ticket = of("tickets", &["site_id", "id", "number", "status", "assignee", "fingerprint"])?;
    Ok((of("ticket_events", &["ticket_id"])?, ticket))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lessons_and_tickets_are_made_of_those_that_are_there() {
        let folder = std::env::temp_dir().join(format!("orilla-ticket-store-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let connection = Connection::open(folder.join("s.sqlite")).unwrap();
        for file in crate::paths::migrations().unwrap() {
            connection.execute_batch(&std::fs::read_to_string(file).unwrap()).unwrap();
        }
        let row = Row { subject: "s".into(), body: "b".into(), category: "sales".into(), priority: "low".into() };
        assert!(teach(&folder, std::slice::from_ref(&row)).is_err(), "no ticket has a vector yet");
        let insert = "INSERT INTO tickets (site_id, id, number, source, subject, requester, locale, status, priority, category, team, tags, verdict, \
                      fingerprint, vector, events, created_at, updated_at) \
                      VALUES (?1, 'a', 1, 'api', '', '{}', 'en', 'new', 'low', 'sales', 'support', '[]', '{}', 'f', ?2, 1, 5, 5)";
        connection.execute(insert, params![SITE, vec![1_u8, 127, 0x81]]).unwrap();
        let event = "INSERT INTO ticket_events VALUES (?1, 'a', 1, 'opened', 'customer', 't', '{}', 5)";
        connection.execute(event, [SITE]).unwrap();
        teach(&folder, &[row.clone(), row]).unwrap();
        open(&folder, 120).unwrap();
        wait(&folder, 20).unwrap();
        make_due(&folder, 7).unwrap();
        let count = |query: &str| connection.query_row(query, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(count("SELECT count(DISTINCT vector) FROM ticket_lessons WHERE length(vector) = 3"), 2);
        assert_eq!(count("SELECT count(*) FROM tickets WHERE status = 'open' AND assignee IS NULL"), 20);
        assert_eq!((count("SELECT count(*) FROM ticket_events"), count("SELECT count(*) FROM tickets WHERE next_at = 0")), (121, 7));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
