//! In how many pairs of versions the better one has the higher score.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Result, ensure};

/// A version with its score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    pub group: String,
    /// 1 is the best.
    pub rank: u32,
    pub language: &'static str,
    pub score: u32,
}

/// Pairs, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    pub pairs: usize,
    pub in_order: usize,
    pub ties: usize,
}

/// One group's versions, the best first.
#[derive(Debug)]
struct Group {
    name: String,
    language: &'static str,
    versions: Vec<(u32, u32)>,
}

/// What came of all groups.
#[derive(Debug)]
pub struct Agreement {
    groups: Vec<Group>,
}

impl Count {
    fn add(&mut self, better: u32, worse: u32) {
        self.pairs += 1;
        self.in_order += usize::from(better > worse);
        self.ties += usize::from(better == worse);
    }

    fn percent(self) -> String {
        if self.pairs == 0 { "–".to_owned() } else { format!("{:.1} %", 100.0 * self.in_order as f64 / self.pairs as f64) }
    }
}

impl Group {
    /// Every two versions with different ranks.
    fn pairs(&self) -> Count {
        let mut count = Count::default();
        for (at, &(rank, score)) in self.versions.iter().enumerate() {
            self.versions[at..].iter().filter(|(other, _)| *other > rank).for_each(|&(_, worse)| count.add(score, worse));
        }
        count
    }

    /// Those of the first rank and of the last.
    fn extremes(&self) -> Count {
        let mut count = Count::default();
        let ranks = self.versions.first().zip(self.versions.last()).map(|(first, last)| (first.0, last.0));
        let Some((best, worst)) = ranks.filter(|(best, worst)| best < worst) else { return count };
        let of = |rank: u32| self.versions.iter().filter(move |it| it.0 == rank).map(|it| it.1);
        of(best).for_each(|better| of(worst).for_each(|worse| count.add(better, worse)));
        count
    }
}

impl Agreement {
    /// Puts versions together by group and language, in the order in which groups came.
    ///
    /// Errors: no two versions can be compared.
    pub fn of(judged: &[Judged]) -> Result<Self> {
        let mut places = BTreeMap::new();
        let mut groups: Vec<Group> = Vec::new();
        for it in judged {
            let place = *places.entry((&it.group, it.language)).or_insert_with(|| {
                groups.push(Group { name: it.group.clone(), language: it.language, versions: Vec::new() });
                groups.len() - 1
            });
            groups[place].versions.push((it.rank, it.score));
        }
        groups.iter_mut().for_each(|group| group.versions.sort_by_key(|it| it.0));
        let all = Self { groups };
        ensure!(all.count(None, Group::pairs).pairs > 0, "no group has two versions of different ranks");
        Ok(all)
    }

    fn count(&self, language: Option<&str>, of: impl Fn(&Group) -> Count) -> Count {
        let groups = self.groups.iter().filter(|group| language.is_none_or(|language| language == group.language));
        groups.map(of).fold(Count::default(), |sum, it| Count {
            pairs: sum.pairs + it.pairs,
            in_order: sum.in_order + it.in_order,
            ties: sum.ties + it.ties,
        })
    }

    /// A row for each group.
    pub fn groups_table(&self) -> String {
        let mut text = String::from("| group | language | scores, the best rank first | pairs in order |\n|---|---|---|---:|\n");
        for group in &self.groups {
            let scores: Vec<String> = group.versions.iter().map(|it| it.1.to_string()).collect();
            let Count { pairs, in_order, ties } = group.pairs();
            let mark = match (ties, in_order == pairs) {
                (_, true) => String::new(),
                (0, false) => " (!)".to_owned(),
                (ties, false) => format!(" (!, {ties} tied)"),
            };
            let _ = writeln!(text, "| {} | {} | {} | {in_order} of {pairs}{mark} |", group.name, group.language, scores.join(", "));
        }
        text
    }

    /// How many pairs are in order, by language and over all.
    pub fn summary(&self) -> String {
        let mut text = String::from(
            "| language | groups | pairs | in order | ties, which are wrong | pairwise agreement | best above worst |\n|---|---:|---:|---:|---:|---:|---:|\n",
        );
        let mut languages: Vec<_> = self.groups.iter().map(|group| group.language).collect();
        languages.sort_unstable();
        languages.dedup();
        for language in languages.into_iter().map(Some).chain([None]) {
            let groups = self.groups.iter().filter(|group| language.is_none_or(|language| language == group.language)).count();
            let (pairs, extremes) = (self.count(language, Group::pairs), self.count(language, Group::extremes));
            let _ = writeln!(
                text,
                "| {} | {groups} | {} | {} | {} | {} | {} of {} |",
                language.unwrap_or("all"),
                pairs.pairs,
                pairs.in_order,
                pairs.ties,
                pairs.percent(),
                extremes.in_order,
                extremes.pairs,
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[(&str, u32, &'static str, u32)]) -> Result<Agreement> {
        let one =
            |&(group, rank, language, score): &(&str, u32, &'static str, u32)| Judged { group: group.to_owned(), rank, language, score };
        Agreement::of(&rows.iter().map(one).collect::<Vec<_>>())
    }

    #[test]
    fn a_tie_is_wrong_and_an_order_is_by_rank_not_by_line() {
        let all =
            of(&[("a", 3, "es", 10), ("a", 1, "es", 80), ("a", 2, "es", 80), ("b", 1, "en", 50), ("b", 2, "en", 60), ("b", 3, "en", 40)])
                .unwrap();
        assert_eq!(all.count(None, Group::pairs), Count { pairs: 6, in_order: 4, ties: 1 });
        assert_eq!(all.count(Some("es"), Group::pairs), Count { pairs: 3, in_order: 2, ties: 1 });
        assert_eq!(all.count(Some("en"), Group::pairs), Count { pairs: 3, in_order: 2, ties: 0 });
        assert_eq!(all.count(None, Group::extremes), Count { pairs: 2, in_order: 2, ties: 0 });
        let summary = all.summary();
        assert!(summary.contains("| all | 2 | 6 | 4 | 1 | 66.7 % | 2 of 2 |"), "{summary}");
        let groups = all.groups_table();
        assert!(
            groups.contains("| a | es | 80, 80, 10 | 2 of 3 (!, 1 tied) |") && groups.contains("| b | en | 50, 60, 40 | 2 of 3 (!) |"),
            "{groups}"
        );
    }

    #[test]
    fn versions_of_one_rank_are_no_pair_and_both_count_against_the_others() {
        let all = of(&[("a", 1, "es", 9), ("a", 1, "es", 3), ("a", 4, "es", 5), ("alone", 1, "es", 1)]).unwrap();
        assert_eq!(all.count(None, Group::pairs), Count { pairs: 2, in_order: 1, ties: 0 });
        assert_eq!(all.count(None, Group::extremes), Count { pairs: 2, in_order: 1, ties: 0 });
    }

    #[test]
    fn a_group_in_two_languages_is_two() {
        let all = of(&[("a", 1, "es", 9), ("a", 2, "es", 3), ("a", 1, "en", 2), ("a", 2, "en", 5)]).unwrap();
        assert_eq!(all.count(None, Group::pairs), Count { pairs: 2, in_order: 1, ties: 0 });
    }

    #[test]
    fn nothing_to_compare_is_an_error() {
        assert!(of(&[]).is_err());
        assert!(of(&[("a", 1, "es", 9), ("b", 2, "es", 3), ("c", 1, "es", 9), ("c", 1, "es", 3)]).is_err());
    }
}
