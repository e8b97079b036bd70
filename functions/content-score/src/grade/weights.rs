//! What each judgement weighs. All chosen: what an editor would mend first weighs most, and what any generator of text gets right weighs little.

use crate::asked::Kind;

/// The parts' shares of the whole: found, read, built, led on.
pub(super) fn parts(kind: Kind) -> [f64; 4] {
    match kind {
        Kind::Landing => [0.28, 0.24, 0.16, 0.32],
        Kind::Blog | Kind::CaseStudy => [0.32, 0.28, 0.17, 0.23],
        Kind::Whitepaper => [0.28, 0.30, 0.24, 0.18],
        Kind::Email => [0.10, 0.30, 0.10, 0.50],
    }
}

/// One judgement's weight within its part.
pub(super) fn of(id: &str, kind: Kind) -> f64 {
    let is_article = matches!(kind, Kind::Blog | Kind::Whitepaper);
    match id {
        // Found.
        "introductionKeyword" => 3.0,
        "keyphraseDensity" => 3.0,
        "keyphraseInSEOTitle" => 3.0,
        "metaDescriptionLength" | "metaDescriptionKeyword" => 2.0,
        "subheadingsKeyword" => 1.5,
        "keywordStuffing" => 4.0,
        "textTitle" | "titleWidth" => 1.5,
        "topicalFocus" => 2.0,
        "imageAltTags" => 2.5,
        "keyphraseDistribution" => 1.0,
        "images" | "externalLinks" | "internalLinks" | "imageKeyphrase" | "slugKeyword" | "keyphraseLength" | "textCompetingLinks" => 1.0,
        // Read.
        "textSentenceLength" => 4.0,
        "readingEase" | "passiveVoice" => 3.0,
        "textParagraphTooLong" => 2.5,
        "subheadingsTooLong" => 2.0,
        "wordComplexity" => 1.5,
        "lexicalDiversity" => 1.5,
        "textTransitionWords" => 0.8,
        "sentenceBeginnings" | "sentenceRhythm" => 1.0,
        "redundancy" => 2.0,
        "textPresence" => 12.0,
        // Built.
        "textLength" if is_article => 1.5,
        "answerUpFront" => 3.0,
        "headingMatchesTitle" | "headingOrder" => 1.0,
        "singleH1" | "listsPresence" => 1.0,
        "questionHeadings" => 0.5,
        // Led on.
        "callToAction" => 3.0,
        "callToActionStrength" => 1.5,
        "callToActionPosition" => 1.0,
        "trustEvidence" if is_article => 1.0,
        "trustEvidence" => 2.0,
        "factDensity" => 3.0,
        "emptyPhrases" => 3.0,
        "readerAddress" => 1.5,
        "subjectLength" | "spamWords" => 3.0,
        "previewText" => 1.5,
        "inclusiveLanguage" | "shouting" => 1.0,
        _ => 1.0,
    }
}
