use super::links::is_dense;
use super::*;

fn clean() -> Evidence<'static> {
    Evidence {
        decoy: Decoy::Empty,
        elapsed: Some(TimeDelta::seconds(30)),
        is_webdriver: false,
        texts: &["Hola, querría saber el precio para doce personas."],
        email_domain: "acme.es",
        is_repeated: false,
        address_count: 1,
        form_count: 1,
        challenge: Outcome::NotAsked,
    }
}

/// Evidence that shows nothing but this reason.
fn only(reason: Reason) -> Evidence<'static> {
    let e = clean();
    let limits = Thresholds::default();
    match reason {
        Reason::DecoyFilled => Evidence { decoy: Decoy::Filled, ..e },
        Reason::DecoyMissing => Evidence { decoy: Decoy::Missing, ..e },
        Reason::TooFast => Evidence { elapsed: Some(TimeDelta::milliseconds(1_999)), ..e },
        Reason::Webdriver => Evidence { is_webdriver: true, ..e },
        Reason::LinkDensity => Evidence { texts: &["ok", "Buy https://a.example https://b.example https://c.example"], ..e },
        Reason::DisposableDomain => Evidence { email_domain: "mailinator.com", ..e },
        Reason::RepeatedContent => Evidence { is_repeated: true, ..e },
        Reason::AddressRate => Evidence { address_count: limits.address_per_minute + 1, ..e },
        Reason::FormRate => Evidence { form_count: limits.form_per_minute + 1, ..e },
        Reason::ChallengeFailed => Evidence { challenge: Outcome::Failed, ..e },
    }
}

fn of(evidence: &Evidence<'_>) -> Verdict {
    Verdict::of(evidence, &Thresholds::default(), Reason::default_action)
}

#[test]
fn wire_codes_agree_with_serde() {
    for reason in Reason::ALL {
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
    }
    for action in [Action::Accept, Action::Quarantine, Action::Reject] {
        assert_eq!(serde_json::to_value(action).unwrap(), action.as_str());
    }
}

#[test]
fn a_person_is_accepted_without_a_reason() {
    assert_eq!(of(&clean()), Verdict { action: Action::Accept, reasons: vec![], cause: None });
}

#[test]
fn every_reason_is_seen_alone_and_does_what_the_policy_says() {
    for reason in Reason::ALL {
        for action in [Action::Accept, Action::Quarantine, Action::Reject] {
            let verdict = Verdict::of(&only(reason), &Thresholds::default(), |_| action);
            assert_eq!(verdict.reasons, [reason]);
            assert_eq!(verdict.action, action);
            assert_eq!(verdict.cause, (action != Action::Accept).then_some(reason));
        }
    }
}

#[test]
fn default_actions_are_the_documented_ones() {
    use Action::{Accept, Quarantine, Reject};
    let expected = [Quarantine, Accept, Quarantine, Quarantine, Quarantine, Quarantine, Quarantine, Reject, Quarantine, Reject];
    assert_eq!(Reason::ALL.map(Reason::default_action), expected);
}

#[test]
fn the_worst_reason_decides_and_all_are_listed() {
    let evidence = Evidence { is_webdriver: true, challenge: Outcome::Failed, decoy: Decoy::Missing, ..clean() };
    let verdict = of(&evidence);
    assert_eq!(verdict.reasons, [Reason::DecoyMissing, Reason::Webdriver, Reason::ChallengeFailed]);
    assert_eq!((verdict.action, verdict.cause), (Action::Reject, Some(Reason::ChallengeFailed)));
}

#[test]
fn a_challenge_nobody_could_check_never_turns_a_visitor_away() {
    let evidence = Evidence { challenge: Outcome::Unknown, ..clean() };
    let verdict = of(&evidence);
    assert_eq!((verdict.action, verdict.reasons), (Action::Quarantine, vec![Reason::ChallengeFailed]));
    assert_eq!(Verdict::of(&evidence, &Thresholds::default(), |_| Action::Accept).action, Action::Accept);
}

#[test]
fn timing_needs_a_clock_that_can_be_believed() {
    let cases = [(None, false), (Some(-1), false), (Some(0), true), (Some(1_999), true), (Some(2_000), false), (Some(i64::MAX / 2), false)];
    for (millis, expected) in cases {
        let evidence = Evidence { elapsed: millis.map(TimeDelta::milliseconds), ..clean() };
        assert_eq!(of(&evidence).reasons == [Reason::TooFast], expected, "{millis:?}");
    }
}

#[test]
fn rates_count_up_to_the_limit_inclusive() {
    let limits = Thresholds::default();
    let evidence = Evidence { address_count: limits.address_per_minute, form_count: limits.form_per_minute, ..clean() };
    assert_eq!(of(&evidence).reasons, []);
}

#[test]
fn tells_advertising_from_asking() {
    let cases = [
        ("", false),
        ("Me interesa, ¿me llaman mañana?", false),
        ("https://acme.es", false),
        ("www.acme.es", false),
        ("acme.es", false),
        ("Nuestra web es https://acme.es y queremos una tienda nueva con pagos y catálogo.", false),
        ("Somos acme.es; ver también https://acme.es/tienda y el perfil en https://red.example/acme antes de la reunión del lunes.", false),
        ("Usamos Node.js y React, ventas/marketing, S.L./S.A.", false),
        ("Win now https://prizes.example/claim?id=123456", true),
        ("mira bit.ly/2xYz", true),
        ("claim (http://prizes.example)", true),
        ("a http://x.example b http://y.example c http://z.example and a lot of other words that are no links at all", true),
        ("http://x.examplehttp://y.examplehttp://z.example", true),
        ("nice <a href='https://x.example'>shop</a> with many more words around it than the link itself has", true),
        ("[url=https://x.example]shop[/url] with many more words around it than the link itself has in it", true),
        ("HTTPS://X.EXAMPLE/SHOUTING now", true),
    ];
    for (text, expected) in cases {
        assert_eq!(is_dense(text, 3), expected, "{text}");
    }
    assert!(is_dense("Un texto largo con un solo enlace a https://acme.es entre muchas otras palabras.", 1));
}

#[test]
fn thresholds_come_from_partial_data_and_refuse_what_they_do_not_know() {
    let some: Thresholds = serde_json::from_str(r#"{"max_links": 1}"#).unwrap();
    assert_eq!(some, Thresholds { max_links: 1, ..Thresholds::default() });
    assert!(serde_json::from_str::<Thresholds>(r#"{"maxlinks": 1}"#).is_err());
}
