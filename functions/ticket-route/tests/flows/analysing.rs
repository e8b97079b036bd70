//! Problems that come again, and those that no article answers.

use chrono::TimeDelta;
use orilla_core::sites::Kind;
use orilla_native::testing::Call;
use serde_json::{Value as Json, json};

use crate::support::{NOW, OTHER, Shore, at, office};

/// Weeks ago, and what was written.
type Told = (i64, &'static str, &'static str);

const CODES: [Told; 8] = [
    (5, "código de acceso", "Llevo media hora esperando el código de verificación en el teléfono y el SMS no llega."),
    (0, "verification code never comes", "When I sign in it says a code was sent to my phone. No text arrives, I tried six times."),
    (0, "SMS de verificación", "desde ayer el mensaje con los 6 números no llega al móvil y no puedo pasar de ahí"),
    (0, "2FA sms", "the sms with the 6 digits isnt arriving since this morning so i cant get in"),
    (0, "no me llega el código", "Al entrar me pide el código del SMS y no llega nunca. Lo he pedido cinco veces."),
    (0, "Two-factor problem", "I have requested the security code by text message repeatedly and have received none of them."),
    (0, "Doble factor", "Solicito el código de seguridad por mensaje de texto y no recibo ninguno; el teléfono es el correcto."),
    (0, "locked out", "I enter my password, then it asks for the number you text me, and the text simply never shows up"),
];

const EXPORTS: [Told; 6] = [
    (6, "export gives an empty file", "Exporting the contacts to CSV downloads a file of 0 bytes. Last week it worked."),
    (5, "exportación vacía", "Al exportar los clientes a CSV se baja un archivo sin nada dentro."),
    (4, "CSV download broken", "When I press export on the report page I receive a spreadsheet containing nothing, not even headers."),
    (3, "El Excel sale en blanco", "Le doy a descargar informe y la hoja que se genera está vacía, aunque en pantalla sí veo las filas."),
    (2, "csv export is blank", "3000 rows on screen, none in the exported csv file"),
    (0, "fallo al exportar", "desde la actualización el fichero csv pesa 0 kb al exportar. necesito los datos para contabilidad"),
];

const DARK: [Told; 4] = [
    (6, "dark mode please", "Would love a dark theme, the white screen hurts at night."),
    (4, "modo oscuro", "¿Pensáis sacar un tema oscuro? De noche la pantalla blanca deslumbra."),
    (2, "Suggestion: night theme", "Several of us work evening shifts; a dark colour scheme would help our eyes a lot."),
    (1, "Sugerencia de tema nocturno", "Trabajo de madrugada y agradecería poder poner el panel en negro."),
];

const STRANGERS: [Told; 5] = [
    (7, "Fotos de la boda", "Os mando las fotos del convite, salió precioso. Un abrazo a todo el equipo."),
    (6, "Parking", "Is there a place for bicycles behind your office on the canal?"),
    (3, "Prensa", "Soy periodista y busco a quien me cuente la historia de la empresa para un reportaje."),
    (2, "Cactus", "The cactus I bought from you has a white spot on its third arm, should I water it less?"),
    (0, "Beca", "¿Acogen estudiantes de formación profesional en prácticas durante la primavera?"),
];

/// Opens them when they came, each by somebody else.
async fn tell(shore: &Shore, tickets: &[Told]) {
    for (number, (weeks, subject, text)) in tickets.iter().enumerate() {
        shore.host.manual_clock().set(at(NOW) - TimeDelta::weeks(*weeks) - TimeDelta::hours(number as i64 + 1));
        shore.open(subject, text, &format!("{}{number}@mar.example", subject.len())).await;
    }
    shore.host.manual_clock().set(at(NOW));
}

async fn told() -> Shore {
    let shore = Shore::with(office()).await;
    for tickets in [&STRANGERS[..], &EXPORTS, &DARK, &CODES] {
        tell(&shore, tickets).await;
    }
    shore
}

async fn ask(shore: &Shore, path: &str) -> Json {
    shore.ok(Call::get(format!("/v1/routing/{path}")).key(&shore.read)).await
}

/// The problem that has this word.
fn of<'a>(found: &'a Json, list: &str, word: &str) -> &'a Json {
    let has = |it: &&Json| it["words"].as_array().unwrap().iter().any(|it| it == word);
    found[list].as_array().unwrap().iter().find(has).unwrap_or_else(|| panic!("no {word} in {found}"))
}

#[tokio::test]
async fn tickets_of_one_problem_are_together_in_both_languages_and_a_problem_that_rises_is_told() {
    let shore = told().await;
    let found = ask(&shore, "problems").await;
    let sizes: Vec<_> = found["problems"].as_array().unwrap().iter().map(|it| it["tickets"].as_u64().unwrap()).collect();
    assert_eq!((sizes, found["tickets"].clone(), found["left_over"].clone()), (vec![8, 6, 4], json!(23), json!(5)), "{found}");
    let (codes, exports, dark) = (of(&found, "problems", "código"), of(&found, "problems", "csv"), of(&found, "problems", "dark"));
    assert_eq!((codes["locales"].clone(), codes["weeks"].clone()), (json!({ "es": 4, "en": 4 }), json!([0, 0, 1, 0, 0, 0, 0, 7])));
    assert_eq!((codes["trend"]["this_week"].clone(), codes["trend"]["is_rising"].clone()), (json!(7), json!(true)), "{codes}");
    // The site's first ticket came seven weeks ago: one in six weeks before this one.
    let (chance, mean) = (codes["trend"]["p_value"].as_f64().unwrap(), codes["trend"]["earlier_mean"].as_f64().unwrap());
    assert!(chance > 0.0 && chance < 0.001 && (mean - 0.166).abs() < 0.002, "{codes}");
    for steady in [exports, dark] {
        assert_eq!(steady["trend"]["is_rising"], false, "{steady}");
    }
    for problem in [codes, exports, dark] {
        let examples = problem["examples"].as_array().unwrap();
        let locales: std::collections::BTreeSet<_> = examples.iter().map(|it| it["locale"].as_str().unwrap()).collect();
        assert_eq!((examples.len(), locales.len()), (3, 2), "both languages stand for it: {problem}");
    }
    assert_eq!(exports["numbers"], json!([6, 7, 8, 9, 10, 11]));
    let english = ask(&shore, "problems?locale=en").await;
    let sizes: Vec<_> = english["problems"].as_array().unwrap().iter().map(|it| it["tickets"].as_u64().unwrap()).collect();
    assert_eq!(sizes, [4, 3], "two tickets are no problem: {english}");
}

#[tokio::test]
async fn at_a_young_site_nothing_seems_to_rise() {
    let shore = Shore::with(office()).await;
    tell(&shore, &CODES[1..]).await;
    let found = ask(&shore, "problems").await;
    let trend = &found["problems"][0]["trend"];
    assert_eq!(*trend, json!({ "this_week": 7, "earlier_mean": null, "p_value": null, "is_rising": false }), "{found}");
}

#[tokio::test]
async fn a_problem_tells_how_it_is_dealt_with() {
    let shore = Shore::with(office()).await;
    tell(&shore, &EXPORTS).await;
    shore.host.manual_clock().set(at(NOW));
    shore.write_into("6", json!({ "agent": "ana", "text": "Lo miramos.", "status": "solved" })).await;
    shore.write_into("5", json!({ "agent": "ana", "text": "Ojo", "is_public": false })).await;
    shore.patch("4", json!({ "status": "closed" })).await;
    let found = ask(&shore, "problems").await;
    let problem = &found["problems"][0];
    assert_eq!((problem["unsolved"].clone(), problem["median_reply_seconds"].clone()), (json!(4), json!(6 * 3600)), "{problem}");
    let young = ask(&shore, "problems?weeks=1").await;
    assert_eq!(young["problems"], json!([]), "one ticket this week");
    let csv = shore.send(Call::get("/v1/routing/problems?format=csv").key(&shore.read)).await;
    let text = csv.text();
    let mut lines = text.lines();
    assert!(lines.next().unwrap().starts_with("tickets,this_week,earlier_mean,p_value,is_rising,unsolved,median_reply_seconds,"), "{text}");
    let line = lines.next().unwrap();
    assert!(line.starts_with("6,1,") && line.contains(",false,4,21600,") && line.ends_with(",1 2 3 4 5 6"), "{line}");
    assert_eq!(lines.next(), None);
}

#[tokio::test]
async fn what_is_erased_merged_or_another_sites_is_in_no_problem() {
    let shore = told().await;
    shore.site(OTHER).await;
    let key = shore.key(OTHER, Kind::Read).await;
    for path in ["problems", "gaps"] {
        let theirs = shore.ok(Call::get(format!("/v1/routing/{path}")).key(&key)).await;
        assert_eq!((theirs["tickets"].clone(), theirs[path].clone()), (json!(0), json!([])), "an empty site has none");
    }
    let before = ask(&shore, "problems").await;
    let codes = of(&before, "problems", "código")["numbers"].clone();
    let gone = codes[1].to_string();
    let subject = shore.ticket(&gone).await["subject"].as_str().unwrap().to_owned();
    shore.ok(Call::delete(format!("/v1/tickets/{gone}")).key(&shore.admin)).await;
    shore.ok(Call::post(format!("/v1/tickets/{}/merge", codes[2])).key(&shore.admin).json(&json!({ "into": codes[3].to_string() }))).await;
    let after = ask(&shore, "problems").await;
    assert_eq!(of(&after, "problems", "código")["tickets"], 6, "{after}");
    assert!(!after.to_string().contains(&subject), "{subject} was erased");
    for bad in ["problems?weeks=0", "problems?weeks=27", "problems?locale=fr", "problems?format=xml", "gaps?weeks=x"] {
        assert_eq!(shore.send(Call::get(format!("/v1/routing/{bad}")).key(&shore.read)).await.status.as_u16(), 400, "{bad}");
    }
}

#[tokio::test]
async fn a_gap_is_a_problem_that_no_article_answers() {
    let shore = told().await;
    let all = ask(&shore, "gaps").await;
    assert_eq!(all["gaps"].as_array().unwrap().len(), 3, "there is no article at all");
    assert_eq!((all["gaps"][0]["nearest"].clone(), all["gaps"][0]["unanswered"].clone()), (json!(null), json!(8)));
    shore.know("sms", "No me llega el código de verificación por SMS. ¿Qué hago?", "Espera un minuto y pide otro código; revisa que el teléfono sea el tuyo. Si el SMS no llega, entra con la aplicación de códigos.").await;
    shore.know("weather", "¿Qué pasa si hace mal tiempo?", "Te cambiamos el día sin coste.").await;
    let found = ask(&shore, "gaps").await;
    assert_eq!(found["gaps"].as_array().unwrap().len(), 2, "{found}");
    let exports = of(&found, "gaps", "csv");
    assert_eq!((exports["asked"].clone(), exports["nearest"]["title"].is_string()), (json!(6), true), "{exports}");
}
