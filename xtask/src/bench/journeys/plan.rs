//! When each visitor comes and what they do there: drawn once, from a seed, before anything is sent.
//! Nobody waits for a server here: a slow one is asked just as much, which is what "open loop" means.

use std::time::Duration;

/// One thing that a visitor does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Route {
    /// Reads a page, which the script counts.
    View,
    /// Asks the chat.
    Ask,
    /// Asks the chat for a person, which becomes a ticket.
    Person,
    /// Writes a ticket.
    Ticket,
    /// Sends the form.
    Submit,
    /// Has a text judged: somebody of the site's own.
    Judge,
}

impl Route {
    /// All, as the tables list them.
    pub const ALL: [Self; 6] = [Self::View, Self::Ask, Self::Person, Self::Ticket, Self::Submit, Self::Judge];

    /// How the tables call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::View => "page view, `POST /v1/batch`",
            Self::Ask => "question, `POST /v1/chat`",
            Self::Person => "asking for a person, `POST /v1/chat`",
            Self::Ticket => "ticket, `POST /v1/tickets`",
            Self::Submit => "form, `POST /v1/forms/…/submissions`",
            Self::Judge => "text judged, `POST /v1/content/score`",
        }
    }

    /// How many in a hundred visitors do it. Chosen: more than any site sees, so that every function has work.
    const fn share(self) -> u64 {
        match self {
            Self::View => 100,
            Self::Ask => 25,
            Self::Person => 4,
            Self::Ticket => 3,
            Self::Submit => 15,
            Self::Judge => 2,
        }
    }
}

/// One request, planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// When it is to be sent, from the beginning.
    pub at: Duration,
    pub route: Route,
    pub visitor: u32,
    /// The how many-th view of the visitor's.
    pub nth: u32,
}

/// Pages that each visitor reads. Source: the journey.
pub const VIEWS: u32 = 3;
/// How long somebody stays with a page before the next step, in milliseconds. Chosen.
const PAUSE: (u64, u64) = (2_000, 12_000);

/// The steps of so many visitors who come during a period, in order of time.
///
/// Arrivals are a Poisson process of which the count is known: each at a time of its own, none knowing of another.
pub fn steps(visitors: u32, period: Duration, seed: u64) -> Vec<Step> {
    let mut dice = Dice(seed);
    let mut steps = Vec::new();
    let whole = u64::try_from(period.as_micros()).unwrap_or(u64::MAX);
    for visitor in 0..visitors {
        let mut at = Duration::from_micros(dice.below(whole));
        let mut add = |dice: &mut Dice, route, nth| {
            steps.push(Step { at, route, visitor, nth });
            at += Duration::from_millis(PAUSE.0 + dice.below(PAUSE.1 - PAUSE.0));
        };
        for nth in 0..VIEWS {
            add(&mut dice, Route::View, nth);
            let after: &[Route] = match nth {
                0 => &[Route::Judge],
                1 => &[Route::Ask, Route::Person],
                _ => &[Route::Submit, Route::Ticket],
            };
            for route in after {
                if dice.below(100) < route.share() {
                    add(&mut dice, *route, 0);
                }
            }
        }
    }
    steps.sort_by_key(|step| (step.at, step.visitor));
    steps
}

/// Random numbers that are the same in every run. Source: SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % most.max(1)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const PERIOD: Duration = Duration::from_secs(120);

    #[test]
    fn a_plan_is_in_order_and_always_the_same() {
        let plan = steps(1_000, PERIOD, 7);
        assert_eq!(plan, steps(1_000, PERIOD, 7));
        assert_ne!(plan, steps(1_000, PERIOD, 8));
        assert!(plan.windows(2).all(|pair| pair[0].at <= pair[1].at));
        assert!(steps(0, PERIOD, 7).is_empty());
    }

    #[test]
    fn every_visitor_comes_within_the_period_and_reads_every_page_in_order() {
        let plan = steps(1_000, PERIOD, 7);
        for visitor in 0..1_000 {
            let own: Vec<_> = plan.iter().filter(|step| step.visitor == visitor).collect();
            assert!(own[0].at < PERIOD && own[0].route == Route::View);
            let views: Vec<_> = own.iter().filter(|step| step.route == Route::View).map(|step| step.nth).collect();
            assert_eq!(views, [0, 1, 2]);
            assert!(own.windows(2).all(|pair| pair[1].at - pair[0].at >= Duration::from_millis(PAUSE.0)));
        }
    }

    #[test]
    fn arrivals_are_spread_evenly_and_shares_are_kept() {
        let plan = steps(1_000, PERIOD, 7);
        let first: Vec<_> = plan.iter().filter(|step| step.route == Route::View && step.nth == 0).collect();
        for quarter in 0..4 {
            let within = first.iter().filter(|step| step.at.as_secs() / 30 == quarter).count();
            assert!((200..300).contains(&within), "{within} come in quarter {quarter}");
        }
        for route in Route::ALL {
            let who: BTreeSet<_> = plan.iter().filter(|step| step.route == route).map(|step| step.visitor).collect();
            let expect = route.share() as usize * 10;
            assert!(who.len().abs_diff(expect) <= expect / 3, "{} of 1,000 do {route:?}", who.len());
        }
    }
}
