//! What was told, as tables.

use orilla_desk::Priority;
use orilla_text::Locale;
use ticket_route::classify::decide::Confidence;
use ticket_route::classify::heads::CATEGORIES;

use super::counts::{Counts, calibration_error, share};
use super::rows::Ticket;
use super::systems::{Sure, Told};
use crate::report::table::{Table, one};

/// What the function says of its labels, in this order.
const BANDS: [(&str, Confidence); 3] = [("high", Confidence::High), ("medium", Confidence::Medium), ("low", Confidence::Low)];
/// Apart, and together.
const SIDES: [Option<Locale>; 3] = [Some(Locale::En), Some(Locale::Es), None];

/// What is told of a ticket: its category or its priority.
#[derive(Clone, Copy)]
pub struct Aspect {
    pub title: &'static str,
    names: &'static [&'static str],
    truth: fn(&Ticket) -> usize,
    told: fn(&Told) -> usize,
    sure: fn(&Sure) -> (f64, Confidence),
}

const PRIORITIES: [&str; 4] = [Priority::ALL[0].name(), Priority::ALL[1].name(), Priority::ALL[2].name(), Priority::ALL[3].name()];

pub const CATEGORY: Aspect = Aspect {
    title: "category",
    names: &CATEGORIES,
    truth: |ticket| ticket.example.category,
    told: |told| told.category,
    sure: |sure| sure.category,
};

pub const PRIORITY: Aspect = Aspect {
    title: "priority",
    names: &PRIORITIES,
    truth: |ticket| ticket.example.priority as usize,
    told: |told| told.priority,
    sure: |sure| sure.priority,
};

impl Aspect {
    /// Counts of one language, or of all tickets.
    fn counts(self, tickets: &[&Ticket], told: &[Told], side: Option<Locale>) -> Counts {
        let asked = tickets.iter().zip(told).filter(|(ticket, _)| side.is_none_or(|locale| ticket.locale == locale));
        Counts::of(self.names.len(), asked.map(|(ticket, told)| ((self.truth)(ticket), (self.told)(told))))
    }

    fn sides(self, tickets: &[&Ticket], told: &[Told]) -> [Counts; 3] {
        SIDES.map(|side| self.counts(tickets, told, side))
    }
}

/// A row per system, the function's last: it alone is held against the best of the others.
pub fn systems(tickets: &[&Ticket], systems: &[(&str, Vec<Told>)]) -> String {
    let mut categories = Table::new(["accuracy", "macro-F1", "errors", "fewer than the best baseline, %"].map(of_sides).into_iter());
    let columns = ["accuracy", "macro-F1", "recall of critical", "at most one step off", "fewer errors than the best baseline, %"];
    let mut priorities = Table::new(columns.map(of_sides).into_iter());
    let Some((function, baselines)) = systems.split_last() else { return String::new() };
    for (name, told) in systems {
        let fewer = |aspect: Aspect, counts: &[Counts; 3]| {
            if *name != function.0 {
                return "–".to_owned();
            }
            let others: Vec<[Counts; 3]> = baselines.iter().map(|it| aspect.sides(tickets, &it.1)).collect();
            let best = |side: usize| others.iter().map(|it| it[side].errors()).min().unwrap_or_default();
            joined([0, 1, 2].map(|side| one_or_none(100.0 - share(counts[side].errors(), best(side)))))
        };
        let counts = CATEGORY.sides(tickets, told);
        let cells = [
            of_each(&counts, Counts::accuracy),
            of_each(&counts, Counts::macro_f1),
            joined(counts.each_ref().map(|it| it.errors().to_string())),
        ];
        categories.push(name, "", cells.into_iter().chain([fewer(CATEGORY, &counts)]));
        let counts = PRIORITY.sides(tickets, told);
        let critical = |counts: &Counts| counts.recall(Priority::Critical as usize);
        let cells = [
            of_each(&counts, Counts::accuracy),
            of_each(&counts, Counts::macro_f1),
            of_each(&counts, critical),
            of_each(&counts, Counts::near),
        ];
        priorities.push(name, "", cells.into_iter().chain([fewer(PRIORITY, &counts)]));
    }
    let [en, es] = [Locale::En, Locale::Es].map(|locale| tickets.iter().filter(|it| it.locale == locale).count());
    format!("{en} tickets in English, {es} in Spanish.\n\nCategory:\n\n{}\nPriority:\n\n{}", categories.finish(), priorities.finish())
}

/// A row for each class, with what was told of its tickets.
pub fn classes(aspect: Aspect, tickets: &[&Ticket], told: &[Told]) -> String {
    let counts = aspect.counts(tickets, told, None);
    let columns = ["precision", "recall", "F1", "tickets"].map(str::to_owned).into_iter();
    let mut table = Table::new(columns.chain(aspect.names.iter().map(|name| format!("told {name}"))));
    for (class, name) in aspect.names.iter().enumerate() {
        let figures = [counts.precision(class), counts.recall(class), counts.f1(class)].map(one_or_none).into_iter();
        let confused = (0..aspect.names.len()).map(|told| counts.count(class, told).to_string());
        table.push(name, "", figures.chain([counts.support(class).to_string()]).chain(confused));
    }
    table.finish()
}

/// How far probabilities can be believed, and what the bands of confidence hold.
pub fn calibration(tickets: &[&Ticket], sure: &[Sure]) -> String {
    let bands = BANDS.iter().flat_map(|(name, _)| [format!("{name}: share"), "right of these".to_owned()]);
    let mut table = Table::new(["ECE".to_owned()].into_iter().chain(bands));
    for aspect in [CATEGORY, PRIORITY] {
        let right = |(ticket, sure): (&&Ticket, &Sure)| ((aspect.sure)(sure), (aspect.truth)(ticket) == (aspect.told)(&sure.told));
        let outcomes: Vec<((f64, Confidence), bool)> = tickets.iter().zip(sure).map(right).collect();
        let probabilities: Vec<(f64, bool)> = outcomes.iter().map(|it| (it.0.0, it.1)).collect();
        let mut cells = vec![one(calibration_error(&probabilities))];
        for (_, band) in BANDS {
            let within: Vec<bool> = outcomes.iter().filter(|it| it.0.1 == band).map(|it| it.1).collect();
            cells.push(one_or_none(share(within.len(), outcomes.len())));
            cells.push(one_or_none(share(within.iter().filter(|is_right| **is_right).count(), within.len())));
        }
        table.push(aspect.title, "", cells.into_iter());
    }
    let understood = tickets.iter().zip(sure).filter(|(ticket, sure)| ticket.locale == sure.locale).count();
    let understood = one(share(understood, tickets.len()));
    format!("{}\nThe language is right of {understood} %, on a page in the other one.\n", table.finish())
}

/// Rows of accuracies and macro-F1, for folds and for the learning curve.
pub fn lessons(tickets: &[&Ticket], rows: &[(String, &[Told])]) -> String {
    let columns = ["category: accuracy", "macro-F1", "priority: accuracy", "macro-F1", "recall of critical"];
    let mut table = Table::new(columns.map(of_sides).into_iter());
    for (name, told) in rows {
        let (category, priority) = (CATEGORY.sides(tickets, told), PRIORITY.sides(tickets, told));
        let critical = of_each(&priority, |counts| counts.recall(Priority::Critical as usize));
        let of_both = [&category, &priority].into_iter().flat_map(|it| [of_each(it, Counts::accuracy), of_each(it, Counts::macro_f1)]);
        table.push(name, "", of_both.chain([critical]));
    }
    table.finish()
}

fn of_sides(column: &str) -> String {
    format!("{column} en / es / both")
}

fn of_each(counts: &[Counts; 3], figure: impl Fn(&Counts) -> f64) -> String {
    joined(counts.each_ref().map(|it| one_or_none(figure(it))))
}

fn joined(cells: [String; 3]) -> String {
    cells.join(" / ")
}

/// Nothing to divide by is no number.
fn one_or_none(value: f64) -> String {
    if value.is_finite() { one(value) } else { "–".to_owned() }
}

#[cfg(test)]
mod tests {
    use ticket_route::classify::heads::Example;
    use ticket_route::classify::text::Readable;

    use super::*;

    fn ticket(locale: Locale, category: usize, priority: Priority) -> Ticket {
        Ticket { example: Example { ticket: Readable::new("a", "b"), category, priority }, locale }
    }

    fn told(labels: &[(usize, usize)]) -> Vec<Told> {
        labels.iter().map(|(category, priority)| Told { category: *category, priority: *priority }).collect()
    }

    #[test]
    fn the_function_is_held_against_the_best_baseline_of_each_language() {
        use Locale::{En, Es};
        let tickets =
            [ticket(En, 0, Priority::Low), ticket(En, 1, Priority::Critical), ticket(Es, 0, Priority::High), ticket(Es, 1, Priority::Low)];
        let tickets: Vec<&Ticket> = tickets.iter().collect();
        let good_in_english = told(&[(0, 0), (0, 3), (1, 0), (0, 0)]);
        let good_in_spanish = told(&[(1, 3), (0, 0), (0, 2), (0, 0)]);
        let function = told(&[(0, 0), (1, 3), (0, 3), (0, 0)]);
        let text = systems(&tickets, &[("one", good_in_english), ("other", good_in_spanish), ("the function", function)]);
        assert!(text.starts_with("2 tickets in English, 2 in Spanish."));
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| the function")).collect();
        assert_eq!(rows[0], "| the function | 100.0 / 50.0 / 75.0 | 100.0 / 33.3 / 73.3 | 0 / 1 / 1 | 100.0 / 0.0 / 66.7 |");
        assert_eq!(
            rows[1],
            "| the function | 100.0 / 50.0 / 75.0 | 100.0 / 33.3 / 55.6 | 100.0 / – / 100.0 | 100.0 / 100.0 / 100.0 | – / – / 0.0 |"
        );
        assert!(text.contains("| one | 50.0 / 0.0 / 25.0 |"));
    }

    #[test]
    fn bands_end_where_the_next_begins() {
        let (a, b) = (ticket(Locale::En, 0, Priority::Low), ticket(Locale::En, 1, Priority::Low));
        let band = |probability| (probability, Confidence::of(probability));
        let told = Told { category: 0, priority: 0 };
        let sure = |category| Sure { told, category: band(category), priority: band(1.0), locale: Locale::Es };
        let text = calibration(&[&a, &b, &a, &b], &[sure(0.8), sure(0.79), sure(0.5), sure(0.49)]);
        assert!(text.contains("| 25.0 | 100.0 | 50.0 | 50.0 | 25.0 | 0.0 |"), "{text}");
        assert!(text.ends_with("is right of 0.0 %, on a page in the other one.\n"), "{text}");
        assert!(text.contains("| priority | 0.0 | 100.0 | 100.0 | 0.0 | – | 0.0 | – |"), "{text}");
    }

    #[test]
    fn a_class_has_its_row_and_who_was_told_instead() {
        let (a, b) = (ticket(Locale::En, 0, Priority::Low), ticket(Locale::Es, 1, Priority::Low));
        let text = classes(CATEGORY, &[&a, &b], &told(&[(0, 0), (0, 0)]));
        assert!(text.contains("| technical | 50.0 | 100.0 | 66.7 | 1 | 1 | 0 | 0 | 0 | 0 | 0 |"), "{text}");
        assert!(text.contains("| billing | – | 0.0 | 0.0 | 1 | 1 | 0 | 0 | 0 | 0 | 0 |"), "{text}");
    }
}
