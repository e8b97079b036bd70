//! What the load generator sends: submissions as the embed script sends them, each from a mailbox of its own.

use super::load::{Shot, Work};

/// The form of benches/site.
const SUBMIT: &str = "/v1/forms/bench/submissions";

/// What a load of submissions is.
pub const SUBMISSIONS: Work<'static> = Work { shot: &submission, done: 201 };

/// The submission with this number; the same number gives the same bytes, so that it can be sent again.
pub fn submission(number: u64) -> Shot {
    const ROLES: [&str; 4] = ["Directora", "Coordinador", "Instructora", "Owner"];
    let role = ROLES[usize::try_from(number % 4).unwrap_or_default()];
    let body = serde_json::json!({
        "email": format!("visitor-{number}@school-{}.example", number % 997),
        "name": format!("Visitante {number}"),
        "company": format!("Escuela {}", number % 997),
        "role": role,
        "message": format!("Buscamos reservas y cobros para {number} alumnos; ¿podemos ver una demo esta semana?"),
        "consent": true,
        "_locale": if number.is_multiple_of(2) { "es" } else { "en" },
        "_visitor": format!("visitor-{number}"),
        "_elapsed_ms": 8_000 + number % 60_000,
        "_page": "https://bench.example/landing?utm_source=newsletter",
        "_referrer": "https://search.example/",
        "utm_source": "newsletter",
        "utm_campaign": "spring",
    });
    let headers = format!(
        "origin: https://bench.example\r\nidempotency-key: bench-{number}\r\naccept: application/json\r\naccept-language: es\r\n\
         user-agent: orilla-bench\r\ncf-connecting-ip: 203.0.113.{}\r\n",
        number % 250 + 1
    );
    Shot { path: SUBMIT, headers, body: body.to_string() }
}
