//! A site's own profile: laid over one that ships, then held against what makes sense.

use serde_json::Value;

use super::{Length, Profile, Steps, Within};

pub(super) fn read(data: &Value) -> Result<Profile, String> {
    let Value::Object(fields) = data else { return Err("a profile is an object of thresholds".to_owned()) };
    let base = match fields.get("base") {
        None => Profile::brief(),
        Some(Value::String(name)) => Profile::named(name).ok_or_else(|| format!("base: there is no profile {name:?}"))?,
        Some(_) => return Err("base: must name a profile, brief or yoast".to_owned()),
    };
    let mut whole = serde_json::to_value(base).map_err(|error| error.to_string())?;
    for (name, value) in fields.iter().filter(|(name, _)| *name != "base") {
        lay_over(&mut whole, name, value);
    }
    let profile: Profile = serde_json::from_value(whole).map_err(|error| error.to_string())?;
    check(&profile)?;
    Ok(profile)
}

/// Objects are laid over field by field, all else is replaced; an unknown field is added, so that reading the whole refuses it by name.
fn lay_over(whole: &mut Value, name: &str, value: &Value) {
    let Value::Object(fields) = whole else { return };
    match (fields.get_mut(name), value) {
        (Some(inner @ Value::Object(_)), Value::Object(parts)) => {
            for (part, value) in parts {
                lay_over(inner, part, value);
            }
        }
        _ => {
            fields.insert(name.to_owned(), value.clone());
        }
    }
}

fn check(profile: &Profile) -> Result<(), String> {
    if profile.name.is_empty() || profile.name.len() > 100 {
        return Err("name: 1 to 100 bytes".to_owned());
    }
    let sentence = profile.sentence_words;
    if sentence.es == 0 || sentence.en == 0 {
        return Err("sentence_words: at least 1".to_owned());
    }
    for (name, steps) in [
        ("long_sentences", profile.long_sentences),
        ("paragraph_words", profile.paragraph_words),
        ("section_words", profile.section_words),
        ("passives", profile.passives),
        ("keyphrase_words", profile.keyphrase_words),
        ("keyphrase_gap", profile.keyphrase_gap),
    ] {
        ascending(name, [steps.good, steps.ok])?;
    }
    for (name, Steps { good, ok }) in [("transitions", profile.transitions), ("reading_ease", profile.reading_ease)] {
        ascending(name, [ok, good])?;
    }
    for (name, Within { min, max }) in [
        ("meta_description", profile.meta_description),
        ("title_pixels", profile.title_pixels),
        ("reflecting", profile.reflecting),
        ("subject", profile.subject),
        ("preview", profile.preview),
    ] {
        ascending(name, [min, max])?;
    }
    let density = profile.density;
    for pair in [density.ok_min, density.min, density.max, density.ok_max, density.over].windows(2) {
        if let [low, high] = *pair {
            ascending("density", [low, high])?;
        }
    }
    ascending("complex_words", [0.0, profile.complex_words])?;
    let lengths = profile.length;
    for (name, Length { good, ok, short, scant }) in [
        ("length.landing", lengths.landing),
        ("length.blog", lengths.blog),
        ("length.email", lengths.email),
        ("length.whitepaper", lengths.whitepaper),
        ("length.case_study", lengths.case_study),
    ] {
        if !(good >= ok && ok >= short && short >= scant) {
            return Err(format!("{name}: good, ok, short and scant must not rise"));
        }
    }
    Ok(())
}

fn ascending(name: &str, [low, high]: [f64; 2]) -> Result<(), String> {
    let is_sound = low.is_finite() && high.is_finite() && low >= 0.0 && low <= high;
    if is_sound { Ok(()) } else { Err(format!("{name}: {low} and {high} leave nothing between them")) }
}
