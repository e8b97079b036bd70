//! Verbs that ask for a step, as calls to action begin. Own lists: imperatives of *tú* and *usted*, infinitives as on buttons, English.

const SPANISH: &str = "descarga descargue descargar pide pida pedir solicita solicite solicitar agenda agende agendar reserva reserve reservar prueba \
pruebe probar pruébalo compra compre comprar contrata contrate contratar empieza empiece empezar comienza comience comenzar suscríbete suscríbase \
suscribirme suscribirse regístrate regístrese registrarme registrarse inscríbete inscríbase inscribirme únete únase unirme contáctanos contáctenos \
contacta contacte contactar escríbenos escríbeme escríbanos escribe escriba llámanos llámenos llámame llama llame llamar obtén obtenga obtener consigue \
consiga conseguir descubre descubra descubrir conoce conozca conocer mira mire calcula calcule calcular cotiza cotice cotizar crea cree crear abre abra \
abrir habla hable hablar recibe reciba recibir elige elija elegir cuéntanos cuéntenos cuéntame responde responda responder confirma confirme confirmar \
activa active activar aprovecha aproveche visita visite visitar visítanos consulta consulte consultar compara compare comparar envía envíe enviar \
envíanos encuentra encuentre encontrar lleva pregunta pregúntanos únanse apúntate apúntame accede acceder ve vea ver asegura quiero sí comprueba \
revisa revise dona donar haz hazte inicia iniciar ordena ordenar renueva renovar";

const ENGLISH: &str = "get start try book buy order download sign join subscribe register request schedule call contact write email text message talk \
speak claim reserve create see discover explore find compare calculate choose send reply confirm apply watch read shop add open save ask tell build grab \
unlock visit check take bring use pick hire rent donate enroll enrol view browse tour plan renew upgrade meet yes give show drop arrange switch make";

/// Whether a text begins with one.
pub(super) fn begins(text: &str) -> bool {
    let mut words = orilla_prose::words::words(text).filter_map(|word| text.get(word)).map(str::to_lowercase);
    let Some(first) = words.next() else { return false };
    let is = |word: &str| SPANISH.split_whitespace().chain(ENGLISH.split_whitespace()).any(|verb| verb == word);
    // "Just reply", "Por favor, escríbenos".
    is(&first)
        || (matches!(first.as_str(), "just" | "simply" | "please" | "solo" | "sólo") && words.next().is_some_and(|second| is(&second)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_asks_for_a_step() {
        for text in ["Descarga la guía", "¡Reserva hoy!", "Get my quote", "Just reply to this", "Solicitar demo"] {
            assert!(begins(text), "{text}");
        }
        for text in ["La guía", "Our services", "", "Here", "Aquí"] {
            assert!(!begins(text), "{text}");
        }
    }
}
