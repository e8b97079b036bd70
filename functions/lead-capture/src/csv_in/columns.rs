//! Which column means what: names as Spanish and English address books write them, and as our own export does.

use std::collections::BTreeMap;

use orilla_core::Violation;
use serde::Serialize;

use super::{MAX_COLUMNS, file_error};
use crate::fold::{fold, slug};
use crate::form::Found;
use orilla_text::csv_out::restored;

/// One column of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// As the file names it.
    pub name: String,
    /// What its cells become.
    pub becomes: Target,
}

/// What a column's cells become.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The mailbox.
    Email,
    /// The answer to a field of this name.
    Field(String),
    /// When the lead came about.
    CreatedAt,
    /// The language.
    Locale,
    /// Tags, separated by commas, semicolons or bars.
    Tags,
    /// A campaign parameter, without `utm_`.
    Utm(String),
    /// Nothing: it is worked out anew, or has no name and no content.
    Ignored,
}

/// Reads the header.
///
/// Errors: no column for the mailbox, two columns for one thing, too many columns.
pub fn read(cells: &[String], fields: &[&str]) -> Result<Vec<Column>, Vec<Violation>> {
    if cells.len() > MAX_COLUMNS {
        return Err(file_error("too_many_columns", &format!("At most {MAX_COLUMNS} columns are taken.")));
    }
    let columns: Vec<Column> = cells
        .iter()
        .enumerate()
        .map(|(i, cell)| {
            let name = restored(cell).trim().to_owned();
            let becomes = target(&name, i, fields);
            Column { name, becomes }
        })
        .collect();
    let mut found = Found::default();
    let mut taken: BTreeMap<&Target, &str> = BTreeMap::new();
    for column in columns.iter().filter(|column| column.becomes != Target::Ignored) {
        if let Some(earlier) = taken.insert(&column.becomes, &column.name) {
            let message = format!("`{earlier}` and `{}` mean the same; keep one of them.", column.name);
            found.add(&column.name, "duplicate_column", message);
        }
    }
    if !taken.contains_key(&Target::Email) {
        let named: Vec<_> = columns.iter().map(|column| format!("`{}`", column.name)).collect();
        found.add("file", "no_email_column", format!("One column has to be named `email`; there are {}.", named.join(", ")));
    }
    if found.0.is_empty() { Ok(columns) } else { Err(found.0) }
}

/// What our own export adds and an import works out anew.
const COMPUTED: [&str; 13] = [
    "id",
    "form",
    "verdict",
    "reasons",
    "score",
    "fit",
    "engagement",
    "band",
    "is_confirmed",
    "submissions",
    "updated_at",
    "variant",
    "consents",
];

/// Folded names with the meaning they have in address books; a site's own field of that name comes first, but for the mailbox.
const MEANINGS: [(&str, &[&str]); 10] = [
    (
        "email",
        &[
            "e_mail",
            "email_address",
            "e_mail_address",
            "mail",
            "correo",
            "correo_electronico",
            "direccion_de_correo",
            "direccion_de_correo_electronico",
        ],
    ),
    ("created_at", &["created", "created_on", "date", "creado", "fecha", "fecha_de_alta", "fecha_de_creacion", "alta"]),
    ("locale", &["language", "lang", "idioma"]),
    ("tags", &["tag", "labels", "etiquetas", "etiqueta"]),
    ("name", &["full_name", "nombre", "nombre_completo", "nombre_y_apellidos", "contact", "contacto"]),
    ("company", &["organization", "organisation", "company_name", "empresa", "compania", "organizacion"]),
    ("role", &["title", "job_title", "position", "cargo", "puesto"]),
    ("phone", &["tel", "telephone", "phone_number", "mobile", "telefono", "movil", "celular"]),
    ("message", &["comment", "comments", "notes", "mensaje", "comentario", "comentarios", "notas"]),
    ("country", &["pais"]),
];

fn target(name: &str, index: usize, fields: &[&str]) -> Target {
    if name.is_empty() {
        return Target::Ignored;
    }
    let plain = fold(name).split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_");
    let own = |wanted: &str| fields.iter().find(|field| **field == name || fold(field) == wanted).map(|field| (*field).to_owned());
    let meaning = MEANINGS.iter().find(|(meaning, names)| *meaning == plain || names.contains(&plain.as_str()));
    match (own(&plain), meaning.map(|(meaning, _)| *meaning)) {
        (_, Some("email")) => Target::Email,
        (Some(field), _) => Target::Field(field),
        (None, Some("created_at")) => Target::CreatedAt,
        (None, Some("locale")) => Target::Locale,
        (None, Some("tags")) => Target::Tags,
        (None, Some(meaning)) => Target::Field(own(meaning).unwrap_or_else(|| meaning.to_owned())),
        (None, None) if COMPUTED.contains(&plain.as_str()) => Target::Ignored,
        (None, None) => match plain.strip_prefix("utm_") {
            Some(utm) if UTM.contains(&utm) => Target::Utm(utm.to_owned()),
            _ => Target::Field(match slug(name, MAX_NAME_CHARS).replace('-', "_") {
                plain if plain.is_empty() => format!("column_{}", index + 1),
                plain => plain,
            }),
        },
    }
}

/// The five campaign parameters.
const UTM: [&str; 5] = ["source", "medium", "campaign", "term", "content"];
/// The longest name a column gives a field. Chosen: as a form's own fields.
const MAX_NAME_CHARS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_columns_mean() {
        let field = |name: &str| Target::Field(name.to_owned());
        let cases = [
            ("email", Target::Email),
            ("E-Mail", Target::Email),
            ("Correo electrónico", Target::Email),
            ("Nombre", field("name")),
            ("EMPRESA", field("company")),
            ("Cargo", field("role")),
            ("Fecha de alta", Target::CreatedAt),
            ("created_at", Target::CreatedAt),
            ("Etiquetas", Target::Tags),
            ("Idioma", Target::Locale),
            ("utm_source", Target::Utm("source".to_owned())),
            ("utm_other", field("utm_other")),
            ("score", Target::Ignored),
            ("", Target::Ignored),
            ("Nº de empleados", field("nº_de_empleados")),
            ("???", field("column_1")),
            ("Tamaño", field("tamano")),
            ("team-size", field("team-size")),
            ("budget", field("budget")),
            ("date", field("date")),
        ];
        for (name, expected) in cases {
            assert_eq!(target(name, 0, &["name", "team-size", "date", "budget"]), expected, "{name}");
        }
    }

    #[track_caller]
    fn check(names: &[&str], expected: &[&str]) {
        let cells: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let violations = read(&cells, &["name"]).map_or_else(|violations| violations, |_| Vec::new());
        let told: Vec<_> = violations.iter().map(|violation| format!("{} {}", violation.field, violation.code)).collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn a_header_needs_one_mailbox_and_one_column_for_each_thing() {
        check(&["email", "", "", "score", "fit"], &[]);
        check(&["name"], &["file no_email_column"]);
        check(&["email", "correo", "name", "Nombre"], &["correo duplicate_column", "Nombre duplicate_column"]);
        check(&vec!["email"; MAX_COLUMNS + 1], &["file too_many_columns"]);
    }
}
