//! The whole score: four parts of what each judgement is worth, less what is taken for stuffing. Every point has its reason.

use crate::asked::Kind;
use crate::assessment::{Assessment, Part, Rating};
use crate::report::Yoast;

#[cfg(test)]
mod tests;
mod weights;

/// What the judgements come to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Total {
    /// 0 to 100.
    pub score: u32,
    /// `A` to `F`.
    pub grade: char,
    /// 0 to 100, for each part that has a judgement: found, read, built, led on.
    pub parts: [Option<u32>; 4],
}

const PARTS: [Part; 4] = [Part::Seo, Part::Readability, Part::Structure, Part::Persuasion];

/// How much of its weight a judgement earns, by its score; below nothing where it does harm.
///
/// Source: Yoast's ninths, rounded so that good stands clear of middling and middling of bad; chosen.
fn merit(score: i32) -> f64 {
    match score {
        9.. => 1.0,
        8 => 0.95,
        7 => 0.75,
        6 => 0.6,
        5 => 0.5,
        4 => 0.3,
        3 => 0.15,
        _ => 0.0,
    }
}

/// Points of a hundred that are taken for harm, whatever the rest earns: what stuffing may gain in titles, headings and density, it loses here. Chosen.
fn harm(assessment: &Assessment) -> f64 {
    match (assessment.id, assessment.score) {
        ("keywordStuffing", -50) => 22.0,
        ("keywordStuffing", -10) => 15.0,
        ("keywordStuffing", 3) => 8.0,
        ("keyphraseDensity", -50) => 10.0,
        ("keyphraseDensity", -10) => 4.0,
        ("is-crawlable", 3) => 15.0,
        ("shouting", 3) => 4.0,
        // The fewer words below a hundred, the less the rest says: a line or two has no long sentences and no wrong headings either.
        ("textLength", -20) => assessment.value.map_or(0.0, |words| 0.15 * (100.0 - words).max(0.0)),
        _ => 0.0,
    }
}

/// Sums up, and writes into each judgement what it costs.
pub fn sum(assessments: &mut [Assessment], kind: Kind) -> Total {
    let shares = weights::parts(kind);
    let counts = |assessment: &Assessment| assessment.rating != Rating::Feedback;
    let mut weighed = [(0.0, 0.0); 4];
    for assessment in assessments.iter().filter(|assessment| counts(assessment)) {
        let weight = weights::of(assessment.id, kind);
        let (sum, earned) = &mut weighed[index(assessment.part)];
        *sum += weight;
        *earned += weight * merit(assessment.score);
    }
    let present: f64 = weighed.iter().zip(shares).filter(|((sum, _), _)| *sum > 0.0).map(|(_, share)| share).sum();
    let mut score = 0.0;
    let mut parts = [None; 4];
    for ((slot, (sum, earned)), share) in parts.iter_mut().zip(weighed).zip(shares) {
        if sum > 0.0 {
            *slot = Some((earned / sum * 100.0).round().clamp(0.0, 100.0) as u32);
            score += share / present * earned / sum * 100.0;
        }
    }
    for assessment in assessments.iter_mut().filter(|assessment| counts(assessment)) {
        let (sum, _) = weighed[index(assessment.part)];
        let share = shares[index(assessment.part)] / present;
        let lost = weights::of(assessment.id, kind) * (1.0 - merit(assessment.score)) / sum * share * 100.0;
        let harm = harm(assessment);
        score -= harm;
        assessment.costs = ((lost + harm) * 10.0).round() / 10.0;
    }
    let score = score.round().clamp(0.0, 100.0) as u32;
    // Chosen: the school grades that English-speaking marketers know.
    let grade = match score {
        90.. => 'A',
        80.. => 'B',
        70.. => 'C',
        60.. => 'D',
        _ => 'F',
    };
    Total { score, grade, parts }
}

fn index(part: Part) -> usize {
    PARTS.iter().position(|known| *known == part).unwrap_or_default()
}

/// What Yoast's search assessor for posts and pages looks at.
const YOAST_SEO: [&str; 17] = [
    "introductionKeyword",
    "keyphraseLength",
    "keyphraseDensity",
    "metaDescriptionKeyword",
    "metaDescriptionLength",
    "subheadingsKeyword",
    "textCompetingLinks",
    "imageKeyphrase",
    "images",
    "textLength",
    "externalLinks",
    "keyphraseInSEOTitle",
    "internalLinks",
    "titleWidth",
    "slugKeyword",
    "functionWordsInKeyphrase",
    "singleH1",
];

/// What its readability assessor looks at.
const YOAST_READABILITY: [&str; 7] = [
    "subheadingsTooLong",
    "textParagraphTooLong",
    "textSentenceLength",
    "textTransitionWords",
    "passiveVoice",
    "textPresence",
    "sentenceBeginnings",
];

/// Yoast's own two totals.
///
/// Source: `calculateOverallScore` of its assessors, measured: ninths of every assessment; for reading, 3 for each bad one and 2 for each middling.
#[must_use]
pub fn yoast(assessments: &[Assessment]) -> Yoast {
    let of = |ids: &'static [&'static str]| assessments.iter().filter(move |assessment| ids.contains(&assessment.id));
    let number = of(&YOAST_SEO).count();
    let sum: i32 = of(&YOAST_SEO).map(|assessment| assessment.score).sum();
    let seo = (number > 0).then(|| (f64::from(sum) * 100.0 / (number as f64 * 9.0)).round().clamp(0.0, 100.0) as u32);
    let read: Vec<&Assessment> = of(&YOAST_READABILITY).filter(|assessment| assessment.rating != Rating::Feedback).collect();
    let penalty: u32 = read
        .iter()
        .map(|assessment| match assessment.rating {
            Rating::Bad => 3,
            Rating::Ok => 2,
            Rating::Good | Rating::Feedback => 0,
        })
        .sum();
    let readability = match (read.len(), penalty) {
        (0, _) => None,
        (1, _) => Some(0),
        (_, 7..) => Some(30),
        (_, 5..) => Some(60),
        _ => Some(90),
    };
    Yoast { seo, readability }
}
