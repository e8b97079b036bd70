//! Words that are in any text, whatever it is about: they tell no text from another.

/// Folded, of both languages; greetings and thanks among them, since people write to people. Written for Orilla.
#[rustfmt::skip]
const COMMON: &[&str] = &[
    // Spanish.
    "a", "ademas", "ahi", "ahora", "al", "algo", "algun", "alguien", "alguna", "algunas", "alguno", "algunos", "alli", "ante", "antes", "aqui", "asi", "aun", "aunque", "ayer",
    "buen", "buena", "buenas", "bueno", "buenos", "bien", "cada", "casi", "como", "con", "cordial", "cordiales", "cosa", "cual", "cuales", "cualquier", "cuando", "cuanta",
    "cuantas", "cuanto", "cuantos", "da", "de", "debe", "debo", "decir", "dejan", "deja", "del", "desde", "despues", "dia", "dias", "dice", "dicen", "donde", "durante", "e",
    "el", "ella", "ellas", "ellos", "en", "entonces", "entre", "era", "eres", "es", "esa", "esas", "ese", "eso", "esos", "esta", "estaba", "estado", "estamos", "estan", "estar",
    "estas", "este", "esto", "estos", "estoy", "favor", "fue", "fuera", "gracias", "ha", "haber", "habia", "hace", "hacer", "haceis", "hacen", "hago", "han", "has", "hasta", "hay",
    "he", "hemos", "hola", "hoy", "igual", "ir", "la", "las", "le", "les", "lo", "los", "luego", "mal", "manana", "mas", "me", "menos", "mi", "mia", "mientras", "mio", "mis",
    "misma", "mismo", "momento", "mucha", "muchas", "mucho", "muchos", "muy", "nada", "nadie", "necesito", "ni", "ningun", "ninguna", "no", "nos", "nosotros", "nuestra",
    "nuestras", "nuestro", "nuestros", "nunca", "o", "os", "otra", "otras", "otro", "otros", "para", "parece", "pasa", "pero", "podeis", "poder", "podria", "podrian", "pone",
    "poner", "porfa", "por", "porque", "pues", "puede", "pueden", "puedes", "puedo", "que", "queria", "quiero", "quien", "quisiera", "sabe", "saben", "saber", "sale", "salen",
    "saludo", "saludos", "se", "sea", "segun", "ser", "si", "sido", "siempre", "siendo", "sigue", "sin", "sino", "sobre", "solo", "somos", "son", "soy", "su", "sus", "tal",
    "tambien", "tampoco", "tan", "tanto", "te", "tener", "teneis", "tenemos", "tengo", "ti", "tiene", "tienen", "tienes", "toda", "todas", "todavia", "todo", "todos", "tras",
    "tres", "tu", "tus", "u", "un", "una", "unas", "uno", "unos", "usted", "ustedes", "va", "vais", "vale", "vamos", "van", "veces", "ver", "vez", "vosotros", "vuestra", "vuestro",
    "y", "ya", "yo", "dos",
    // English.
    "about", "after", "again", "all", "already", "also", "always", "am", "an", "and", "another", "any", "anyone", "are", "as", "ask", "at", "away", "be", "because", "been",
    "before", "being", "best", "both", "but", "by", "can", "cannot", "cant", "could", "d", "day", "days", "dear", "did", "didn", "do", "does", "doesn", "doesnt", "doing", "don",
    "done", "dont", "each", "else", "even", "ever", "every", "find", "for", "from", "get", "gets", "give", "go", "going", "good", "got", "had", "has", "hasn", "have", "haven",
    "having", "he", "hello", "help", "her", "here", "hi", "him", "his", "how", "i", "if", "im", "in", "into", "is", "isn", "it", "its", "ive", "just", "kind", "know", "let", "like",
    "ll", "look", "m", "made", "make", "many", "may", "me", "might", "more", "most", "much", "must", "my", "need", "never", "new", "no", "nobody", "none", "nor", "not", "nothing",
    "now", "of", "off", "on", "once", "one", "only", "or", "other", "our", "ours", "out", "over", "own", "per", "please", "pls", "put", "re", "really", "regards", "s", "said",
    "same", "say", "says", "see", "she", "should", "since", "so", "some", "someone", "something", "still", "such", "sure", "t", "take", "tell", "than", "thank", "thanks", "that",
    "the", "their", "them", "then", "there", "these", "they", "thing", "this", "those", "though", "through", "time", "to", "today", "told", "too", "tried", "two", "under", "until",
    "up", "us", "use", "ve", "very", "want", "wanted", "was", "wasn", "way", "we", "well", "went", "were", "what", "when", "where", "which", "while", "who", "whose", "why", "will",
    "with", "without", "won", "would", "yesterday", "yes", "yet", "you", "your", "yours",
];

/// Whether a folded word is in any text.
#[must_use]
pub fn is_common(folded: &str) -> bool {
    COMMON.contains(&folded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::fold;

    #[test]
    fn common_words_are_folded_and_say_nothing() {
        assert!(COMMON.iter().all(|word| fold(word) == **word));
        assert!(["the", "que", "también", "Gracias"].iter().all(|word| is_common(&fold(word))));
        assert!(!["factura", "refund", "password", "código"].iter().any(|word| is_common(&fold(word))));
    }
}
