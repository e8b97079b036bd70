//! What people say to a chat that is no question: greetings, thanks, goodbyes, "are you a robot", and that they want a person. Phrases and
//! nothing learnt, so that nothing else is ever taken for one of these.

use orilla_learn::words::{fold, is_word};
use orilla_text::Locale;
use serde::Serialize;

/// What was said, of two the later one below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Smalltalk {
    /// Hello.
    Greeting,
    /// How are you.
    Wellbeing,
    /// All right, yes.
    Assent,
    /// Goodbye.
    Goodbye,
    /// Thank you.
    Thanks,
    /// Is this a person?
    Robot,
    /// I want to talk to a person.
    Person,
}

/// What was said, and in which language, where the words tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// What it was.
    pub kind: Smalltalk,
    /// Its language.
    pub locale: Option<Locale>,
}

/// The most words of such a message. Chosen: a longer one says more than this.
const MAX_WORDS: usize = 16;

use Locale::{En, Es};
use Smalltalk::{Assent, Goodbye, Greeting, Person, Robot, Thanks, Wellbeing};

/// Phrases, folded; a message that is nothing but these and [`FILLERS`] is the highest of them.
#[rustfmt::skip]
const PHRASES: &[(Smalltalk, Locale, &[&str])] = &[
    (Greeting, Es, &["hola", "holi", "buenas", "buenos dias", "buen dia", "buenas tardes", "buenas noches", "que tal", "saludos", "hey", "ola"]),
    (Greeting, En, &["hi", "hello", "hey there", "hiya", "good morning", "good afternoon", "good evening", "howdy", "greetings"]),
    (Wellbeing, Es, &["como estas", "como esta", "como andas", "como te va", "todo bien"]),
    (Wellbeing, En, &["how are you", "how are you doing", "how s it going", "hows it going", "how do you do", "what s up"]),
    (Assent, Es, &["vale", "de acuerdo", "perfecto", "genial", "entendido", "ya esta", "estupendo", "si", "listo", "claro"]),
    (Assent, En, &["ok", "okay", "great", "perfect", "got it", "cool", "awesome", "sounds good", "all good", "yes", "nice"]),
    (Goodbye, Es, &["adios", "hasta luego", "hasta pronto", "nos vemos", "chao", "chau", "hasta manana", "que tengas buen dia", "buen finde"]),
    (Goodbye, En, &["bye", "goodbye", "bye bye", "see you", "see you later", "see ya", "have a nice day", "good night", "take care"]),
    (Thanks, Es, &["gracias", "muchas gracias", "mil gracias", "muchisimas gracias", "te lo agradezco", "se agradece", "gracias por tu ayuda", "gracias por la ayuda", "gracias por todo"]),
    (Thanks, En, &["thanks", "thank you", "thank you so much", "thank you very much", "thanks a lot", "many thanks", "thx", "ty", "cheers", "thanks for your help", "thanks for the help", "that helped", "much appreciated"]),
    (Robot, Es, &["eres un robot", "eres un bot", "eres una maquina", "eres humano", "eres humana", "eres una persona", "eres real", "eres una persona real", "eres una ia", "hablo con un robot", "hablo con una persona", "estoy hablando con un robot", "estoy hablando con una persona", "estoy hablando con una maquina", "quien eres", "esto es un robot", "es un bot", "o un robot", "o una persona", "o una maquina", "o eres un robot"]),
    (Robot, En, &["are you a robot", "are you a bot", "are you a machine", "are you human", "are you a human", "are you real", "are you a person", "are you a real person", "are you an ai", "are you ai", "am i talking to a robot", "am i talking to a bot", "am i talking to a person", "am i talking to a human", "am i talking to a real person", "is this a bot", "is this a robot", "who are you", "or a robot", "or a bot", "or a person", "or a human", "or a machine", "or a real person"]),
    (Person, Es, &["humano", "humana", "persona", "agente", "asesor", "asesora", "operador", "operadora", "una persona", "un humano", "un agente", "persona real", "una persona real", "atencion humana", "agente humano", "hablar con alguien", "necesito ayuda humana"]),
    (Person, En, &["human", "agent", "operator", "representative", "a human", "a person", "an agent", "real person", "a real person", "live agent", "human agent", "live chat", "talk to someone", "speak to someone", "real human", "a real human", "person"]),
];

/// Words that change nothing.
#[rustfmt::skip]
const FILLERS: [&str; 29] = [
    "por", "favor", "please", "pls", "plis", "eh", "ah", "oh", "um", "bueno", "pues", "y", "and", "so", "muy", "amable", "amigo", "amiga", "equipo", "team", "there",
    "all", "everyone", "a", "todos", "entonces", "then", "again", "otra",
];

/// How people ask for somebody: words that want, then within a few words one that names a person.
#[rustfmt::skip]
const WANTED: &[(Locale, &[&str], usize)] = &[
    (Es, &["hablar con", "hablo con", "hable con", "charlar con", "chatear con", "contactar con", "comunicarme con", "que me atienda", "me atienda", "pasame con", "me pasas con", "me pasa con", "pasenme con", "paseme con", "ponme con", "me pones con", "comuniqueme con", "comunicame con", "me comunicas con", "conectame con", "transfiereme a", "transfiereme con", "derivame con", "derivame a", "me contacte", "me llame"], 4),
    (Es, &["quiero", "quisiera", "necesito", "prefiero", "dame", "deme", "busco", "quiero a", "necesito a"], 2),
    (En, &["talk to", "talk with", "speak to", "speak with", "chat to", "chat with", "connect me to", "connect me with", "transfer me to", "put me through to", "pass me to", "get me", "give me", "speaking to", "speaking with", "talking to", "hand me over to"], 4),
    (En, &["i want", "i need", "i d like", "i would like", "i prefer"], 2),
];
/// Who they ask for.
#[rustfmt::skip]
const PEOPLE: &[(Locale, &[&str])] = &[
    (Es, &["persona", "humano", "humana", "agente", "asesor", "asesora", "operador", "operadora", "alguien", "representante", "encargado", "encargada", "responsable", "ustedes"]),
    (En, &["person", "human", "agent", "advisor", "operator", "someone", "somebody", "representative", "rep", "people", "manager", "humans"]),
];
/// Words that may stand between.
#[rustfmt::skip]
const BETWEEN: [&str; 32] = [
    "un", "una", "el", "la", "los", "a", "an", "the", "real", "live", "actual", "human", "humano", "humana", "verdadero", "verdadera", "otro", "otra", "another", "algun", "alguna", "some", "customer",
    "support", "service", "de", "verdad", "persona", "person", "with", "to", "con",
];
/// Words that may follow the person asked for; anything else makes it another wish, such as to invite one.
#[rustfmt::skip]
const AFTER: [&str; 49] = [
    "por", "favor", "please", "pls", "ya", "now", "ahora", "mismo", "de", "real", "verdad", "carne", "y", "hueso", "gracias", "thanks", "from", "your", "team", "del", "equipo", "soporte",
    "support", "humano", "humana", "instead", "here", "aqui", "at", "marea", "right", "que", "me", "ayude", "who", "can", "help", "not", "a", "bot", "robot", "no", "un", "una", "maquina", "machine", "en", "on", "the",
];

/// What was said, if it is all that was said; a wish for a person also where more is said around it.
#[must_use]
pub fn read(message: &str) -> Option<Said> {
    // A message this long has more words; folding it would cost for nothing.
    if message.len() > MAX_WORDS * 24 {
        return None;
    }
    let folded = fold(message);
    let words: Vec<&str> = folded.split(|c| !is_word(c)).filter(|word| !word.is_empty()).collect();
    if words.is_empty() || words.len() > MAX_WORDS {
        return None;
    }
    wants_person(&words).map(|locale| Said { kind: Person, locale: Some(locale) }).or_else(|| only_phrases(&words))
}

fn wants_person(words: &[&str]) -> Option<Locale> {
    for (locale, wishes, reach) in WANTED {
        for at in 0..words.len() {
            let Some(length) = wishes.iter().filter_map(|wish| begins(&words[at..], wish)).max() else { continue };
            let rest = &words[at + length..];
            let within = rest.iter().take(*reach).position(|word| PEOPLE.iter().any(|(_, people)| people.contains(word)));
            let Some(person) = within else { continue };
            let is_plain = rest[..person].iter().all(|word| BETWEEN.contains(word)) && rest[person + 1..].iter().all(|word| is_after(word));
            if is_plain {
                return Some(*locale);
            }
        }
    }
    None
}

fn is_after(word: &str) -> bool {
    AFTER.contains(&word) || PEOPLE.iter().any(|(_, people)| people.contains(&word))
}

/// The highest of the phrases that the whole message is made of.
fn only_phrases(words: &[&str]) -> Option<Said> {
    let mut said: Option<Said> = None;
    let mut rest = words;
    while !rest.is_empty() {
        let longest = PHRASES
            .iter()
            .flat_map(|(kind, locale, phrases)| phrases.iter().map(move |phrase| (*kind, *locale, *phrase)))
            .filter_map(|(kind, locale, phrase)| begins(rest, phrase).map(|length| (length, kind, locale)))
            .max_by_key(|it| it.0);
        match longest {
            Some((length, kind, locale)) => {
                if said.is_none_or(|before| before.kind <= kind) {
                    said = Some(Said { kind, locale: Some(locale) });
                }
                rest = &rest[length..];
            }
            None if FILLERS.contains(&rest[0]) => rest = &rest[1..],
            None => return None,
        }
    }
    said
}

/// How many words a phrase has, if the words begin with it.
fn begins(words: &[&str], phrase: &str) -> Option<usize> {
    let wanted: Vec<&str> = phrase.split(' ').collect();
    words.starts_with(&wanted).then_some(wanted.len())
}

/// What is answered. Honest: it says that it is a program, and promises nobody.
#[must_use]
pub const fn reply(kind: Smalltalk, locale: Locale) -> &'static str {
    match (kind, locale) {
        (Greeting, Es) => "Hola. Pregúntame lo que quieras saber; respondo con lo que publica este sitio.",
        (Greeting, En) => "Hello. Ask me what you want to know; I answer with what this site has published.",
        (Wellbeing, Es) => "Todo en orden por aquí, gracias. ¿Qué quieres saber?",
        (Wellbeing, En) => "All in order here, thank you. What would you like to know?",
        (Assent, Es) => "Muy bien. Si necesitas algo más, aquí estoy.",
        (Assent, En) => "Very well. If you need anything else, I am here.",
        (Goodbye, Es) => "Hasta luego.",
        (Goodbye, En) => "Goodbye.",
        (Thanks, Es) => "De nada. Si te queda otra duda, escríbela.",
        (Thanks, En) => "You are welcome. If you have another question, write it.",
        (Robot, Es) => {
            "Soy un programa: busco tu pregunta entre las respuestas de este sitio. Si prefieres hablar con una persona, dímelo."
        }
        (Robot, En) => "I am a program: I look for your question among this site's answers. If you would rather talk to a person, tell me.",
        (Person, Es) => "De acuerdo. Paso tu conversación a una persona del equipo.",
        (Person, En) => "All right. I am passing your conversation to a person on the team.",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(message: &str, expect: Option<(Smalltalk, Locale)>) {
        assert_eq!(read(message).map(|said| (said.kind, said.locale.unwrap())), expect, "{message}");
    }

    #[test]
    fn knows_what_is_said_in_passing() {
        for (message, kind, locale) in [
            ("¡Hola!", Greeting, Es),
            ("Buenos días a todos", Greeting, Es),
            ("hi there 👋", Greeting, En),
            ("Hola, ¿qué tal? ¿Cómo estás?", Wellbeing, Es),
            ("ok, thanks!", Thanks, En),
            ("Vale, perfecto, muchísimas gracias. ¡Adiós!", Thanks, Es),
            ("bye", Goodbye, En),
            ("¿Eres un robot o una persona?", Robot, Es),
            ("hey, are you a bot?", Robot, En),
        ] {
            check(message, Some((kind, locale)));
        }
    }

    #[test]
    fn asking_for_a_person_works_in_many_words() {
        for (message, locale) in [
            ("Quiero hablar con una persona", Es),
            ("HUMANO", Es),
            ("hola, ¿me pasas con alguien del equipo por favor?", Es),
            ("necesito un agente ya", Es),
            ("prefiero que me atienda un humano de verdad", Es),
            ("Can I talk to a human please?", En),
            ("agent", En),
            ("I'd like to speak with a real person, not a bot", En),
            ("let me speak to somebody from your support team", En),
            ("i need a human", En),
            ("this is useless, connect me to an agent", En),
        ] {
            check(message, Some((Person, locale)));
        }
    }

    #[test]
    fn a_question_is_not_taken_for_less() {
        for message in [
            "hola, ¿cuánto cuesta?",
            "thanks but how do I cancel",
            "I need to add a person to my team",
            "necesito una persona que dé clases de vela",
            "how do I invite an agent",
            "can a real person teach three students at once",
            "quiero un instructor",
            "ok so what about refunds",
            "hablar con la persona que reservó la clase del martes",
            "",
            "¿?",
        ] {
            check(message, None);
        }
    }

    #[test]
    fn phrases_are_folded_and_fillers_are_words() {
        let phrases = PHRASES.iter().flat_map(|it| it.2).chain(WANTED.iter().flat_map(|it| it.1)).chain(PEOPLE.iter().flat_map(|it| it.1));
        let words = FILLERS.iter().chain(&BETWEEN).chain(&AFTER);
        for phrase in phrases.chain(words) {
            assert_eq!(&fold(phrase), phrase);
            assert!(phrase.chars().all(|c| is_word(c) || c == ' '), "{phrase}");
        }
    }

    proptest! {
        #[test]
        fn any_message_is_read(message in any::<String>()) {
            let _ = read(&message);
        }
    }
}
