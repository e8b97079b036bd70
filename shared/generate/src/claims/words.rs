//! Which words carry what is said, and which deny it.

use orilla_learn::words::{fold, is_word};

/// Words of both languages that are in any sentence, folded; they say nothing about what is supported.
#[rustfmt::skip]
const FUNCTION_WORDS: &[&str] = &[
    // Spanish.
    "a", "al", "algo", "algun", "alguna", "algunas", "algunos", "ante", "antes", "aqui", "asi", "aun", "aunque", "cada", "casi", "como", "con", "cual", "cuales", "cualquier",
    "cuando", "cuanto", "cuanta", "cuantos", "cuantas", "de", "deben", "debe", "debes", "del", "dentro", "desde", "donde", "durante", "e", "el", "ella", "ellas", "ellos", "en", "entonces",
    "entre", "era", "es", "esa", "esas", "ese", "eso", "esos", "esta", "estan", "estar", "estas", "este", "esto", "estos", "gracias", "ha", "hace", "hacer", "haces", "haz", "han", "has", "hasta", "hay", "la", "las", "le", "les",
    "lo", "los", "mas", "me", "menos", "mi", "mientras", "mis", "misma", "mismo", "muy", "nos", "nosotros", "nuestra", "nuestro", "o", "otra", "otras", "otro", "otros", "para",
    "pero", "por", "porque", "pueda", "puede", "pueden", "puedes", "pues", "que", "quien", "se", "sea", "segun", "ser", "si", "sido", "siempre", "sobre", "solo", "son", "su", "sus",
    "tal", "tambien", "tan", "tanto", "te", "tener", "tenemos", "tengas", "tiene", "tienen", "tienes", "toda", "todas", "todo", "todos", "tras", "tu", "tus", "u", "un", "una", "unas", "uno", "unos", "usted",
    "ustedes", "va", "vamos", "van", "vas", "ya", "y", "yo", "ademas", "embargo", "respuesta", "pregunta", "pasaje", "decir",
    // English.
    "about", "after", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "because", "been", "before", "being", "both", "but", "by", "can", "could", "did", "do",
    "does", "doing", "each", "else", "for", "from", "get", "gets", "got", "had", "have", "having", "he", "her", "here", "his", "how", "i", "if", "in", "into", "is", "it", "its",
    "just", "ll", "may", "might", "more", "most", "must", "my", "of", "off", "on", "once", "only", "or", "other", "our", "out", "over", "own", "per", "re", "s", "same", "shall", "she",
    "should", "so", "some", "such", "t", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this", "those", "through", "to", "too", "under", "until", "up",
    "us", "use", "ve", "very", "was", "we", "were", "what", "when", "where", "which", "while", "who", "whose", "why", "will", "with", "within", "would", "you", "your", "yours", "yes", "however",
    "answer", "question", "passage", "don", "doesn", "isn", "aren", "won", "didn", "d", "m",
];

/// Words of both languages that deny, folded.
#[rustfmt::skip]
const DENIALS: [&str; 26] = [
    "no", "ni", "nunca", "jamas", "sin", "ningun", "ninguna", "ninguno", "nada", "nadie", "tampoco", "not", "never", "without", "none", "nothing", "nobody", "cannot", "neither", "nor",
    "cant", "dont", "doesnt", "isnt", "wont", "didnt",
];

/// Words after which a denial denies nothing: "not only", "sin embargo".
const AFTER: [&str; 6] = ["solo", "solamente", "only", "embargo", "obstante", "just"];

/// Whether a folded word says something.
pub(super) fn is_content(folded: &str) -> bool {
    let is_number = folded.chars().all(char::is_numeric);
    !is_number && folded.chars().count() > 1 && !FUNCTION_WORDS.contains(&folded) && !DENIALS.contains(&folded)
}

/// Whether a sentence says that something is not, or is without something.
pub(super) fn denies(text: &str) -> bool {
    let folded = fold(text).replace('’', "'");
    if folded.contains("n't") {
        return true;
    }
    let mut words = folded.split(|c| !is_word(c)).filter(|word| !word.is_empty()).peekable();
    while let Some(word) = words.next() {
        if DENIALS.contains(&word) && !words.peek().is_some_and(|next| AFTER.contains(next)) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_denies() {
        for (text, expect) in [
            ("No hay cuota de alta.", true),
            ("There is no commission", true),
            ("You don’t pay", true),
            ("Sin comisión", true),
            ("No solo en verano", false),
            ("Sin embargo, cuesta 19 €", false),
            ("Hay cuota", false),
            ("Notes are knots", false),
            ("", false),
        ] {
            assert_eq!(denies(text), expect, "{text}");
        }
    }
}
