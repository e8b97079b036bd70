use super::*;
use crate::assessment::Message;

fn judged(id: &'static str, part: Part, score: i32) -> Assessment {
    Assessment::new(id, part, score, Message::new("", ""))
}

#[test]
fn the_costs_explain_what_is_missing_to_a_hundred() {
    let mut all = vec![
        judged("introductionKeyword", Part::Seo, 3),
        judged("titleWidth", Part::Seo, 9),
        judged("textSentenceLength", Part::Readability, 6),
        judged("passiveVoice", Part::Readability, 9),
        judged("readingTime", Part::Readability, 0),
    ];
    let total = sum(&mut all, Kind::Blog);
    let costs: f64 = all.iter().map(|one| one.costs).sum();
    assert!((f64::from(total.score) + costs - 100.0).abs() < 1.0, "{total:?} {costs}");
    assert_eq!(all.last().map(|one| one.costs), Some(0.0));
    assert_eq!(total.parts[2], None);
}

#[test]
fn a_judgement_mended_gives_what_it_said_it_would() {
    let mut before =
        vec![judged("textTitle", Part::Seo, -10_000), judged("titleWidth", Part::Seo, 9), judged("callToAction", Part::Persuasion, 9)];
    let mut after = before.clone();
    after[0] = judged("textTitle", Part::Seo, 9);
    let (one, other) = (sum(&mut before, Kind::Blog), sum(&mut after, Kind::Blog));
    assert!((f64::from(other.score) - f64::from(one.score) - before[0].costs).abs() < 1.0);
}

#[test]
fn stuffing_costs_more_than_it_can_gain() {
    let honest = [
        ("introductionKeyword", 6),
        ("keyphraseDensity", 6),
        ("keyphraseInSEOTitle", 6),
        ("subheadingsKeyword", 3),
        ("keywordStuffing", 9),
        ("textSentenceLength", 9),
    ];
    let stuffed = [
        ("introductionKeyword", 9),
        ("keyphraseDensity", -10),
        ("keyphraseInSEOTitle", 9),
        ("subheadingsKeyword", 9),
        ("keywordStuffing", -10),
        ("textSentenceLength", 9),
    ];
    let total = |each: &[(&'static str, i32)]| {
        let part = |id: &str| if id == "textSentenceLength" { Part::Readability } else { Part::Seo };
        sum(&mut each.iter().map(|(id, score)| judged(id, part(id), *score)).collect::<Vec<_>>(), Kind::Blog).score
    };
    assert!(total(&honest) > total(&stuffed) + 10, "{} {}", total(&honest), total(&stuffed));
}

#[test]
fn yoasts_totals_are_yoasts() {
    // A text that the package gave 56, and its assessments.
    let scores = [3, 9, 4, 3, 1, 3, 8, 6, 9, 6, 3, 9, 9, 1, 3, 0, 8];
    let all: Vec<_> = YOAST_SEO.into_iter().zip(scores).map(|(id, score)| judged(id, Part::Seo, score)).collect();
    assert_eq!(yoast(&all).seo, Some(56));
    for (scores, expected) in
        [(vec![9, 9], 90), (vec![3, 9], 90), (vec![3, 6], 60), (vec![3, 3], 60), (vec![3, 3, 6], 30), (vec![6, 6], 90), (vec![9], 0)]
    {
        let all: Vec<_> =
            YOAST_READABILITY.into_iter().zip(scores.clone()).map(|(id, score)| judged(id, Part::Readability, score)).collect();
        assert_eq!(yoast(&all).readability, Some(expected), "{scores:?}");
    }
    assert_eq!(yoast(&[]), Yoast { seo: None, readability: None });
}
