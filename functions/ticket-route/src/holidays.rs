//! Holidays of a calendar from an iCalendar feed: kept beside the desk's files, which may be applied again without losing them.

use chrono::{Datelike, NaiveDate};
use http::StatusCode;
use orilla_core::http::json;
use orilla_core::sites::SiteId;
use orilla_core::sql::Statement;
use orilla_core::{Error, Platform, Request, Response, Sql, Violation, body};
use orilla_desk::ical;
use serde_json::json;

use crate::apply::wind_all;
use crate::settings::{Desk, Feeds};
use crate::{TicketRoute, desk};

/// What feeds close, as a column of a statement whose `?1` is the site.
pub const FEEDS: &str = "(SELECT json_group_object(calendar, json(holidays)) FROM desk_holidays WHERE site_id = ?1)";

/// The years before and after this one that a feed is read for. Chosen: clocks of old tickets are reckoned again, and nobody promises anything
/// for longer.
const YEARS: (i32, i32) = (2, 10);

impl<P: Platform> TicketRoute<P> {
    /// `PUT /v1/routing/calendars/{calendar}/holidays?dry_run=1`: the days of a feed are closed from now on, instead of those of the one before.
    ///
    /// Errors: `NotFound` for a calendar that the desk does not have, `Malformed` for what is no UTF-8, `Invalid` with the line for what is no feed
    /// or closes too much, and what the store gives.
    pub(crate) async fn put_holidays(&self, site: &SiteId, calendar: &str, request: &Request, limit: usize) -> Result<Response, Error> {
        let bytes = body::sniffed(request, limit)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| Error::malformed("The feed is not valid UTF-8."))?;
        let settings = desk::read(&self.sql, site).await?.settings;
        if !settings.calendars.contains_key(calendar) {
            return Err(Error::not_found("The desk has no such calendar."));
        }
        let year = request.received.year();
        let of =
            |year: i32, month, day| NaiveDate::from_ymd_opt(year, month, day).ok_or_else(|| Error::internal("the clock is out of range"));
        let feed = ical::read(text, of(year - YEARS.0, 1, 1)?, of(year + YEARS.1, 12, 31)?).map_err(|error| refused(error.to_string()))?;
        Desk::with(settings, &Feeds::from([(calendar.to_owned(), feed.holidays.clone())]))
            .map_err(|violations| refused(violations.into_iter().map(|it| it.message).collect::<Vec<_>>().join("; ")))?;
        let is_dry_run = request.asks_for("dry_run");
        let holidays = serde_json::to_string(&feed.holidays).map_err(Error::internal)?;
        let known = "SELECT holidays FROM desk_holidays WHERE site_id = ?1 AND calendar = ?2";
        let known = self.sql.query(Statement::new(known).bind(site).bind(calendar)).await?;
        let before = known.first().map(|row| row.text("holidays")).transpose()?.unwrap_or("[]");
        let is_changed = before != holidays;
        if is_changed && !is_dry_run {
            let put = "INSERT INTO desk_holidays (site_id, calendar, holidays, updated_at) VALUES (?1, ?2, ?3, ?4) \
                       ON CONFLICT (site_id, calendar) DO UPDATE SET holidays = excluded.holidays, updated_at = excluded.updated_at";
            let put = Statement::new(put).bind(site).bind(calendar).bind(holidays).bind(request.received);
            self.sql.batch(vec![put, wind_all(site, request.received)]).await?;
        }
        let told = json!({
            "calendar": calendar, "is_dry_run": is_dry_run, "is_changed": is_changed, "holidays": feed.holidays, "left_out": feed.left_out,
        });
        json(StatusCode::OK, &told)
    }
}

fn refused(message: String) -> Error {
    Error::invalid(
        "The feed cannot be taken; nothing was changed.",
        vec![Violation { field: "body".into(), code: "calendar".into(), message }],
    )
}
