//! Spin's variables: application values, overrides from outside, and the `{{ name }}` templates over them that a component's
//! own variables and its allowed hosts are written in.

use std::collections::BTreeMap;

use crate::manifest::Manifest;

/// Why a variable has no value; the cases of `fermyon:spin/variables.error`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VariableError {
    /// The name breaks Spin's rules, or names no variable of the application.
    #[error("invalid variable name: {0}")]
    InvalidName(String),
    /// The component declares no variable of this name.
    #[error("undefined variable: {0}")]
    Undefined(String),
    /// The variable is required and nothing gave it a value.
    #[error("provider error: {0}")]
    Provider(String),
    /// The template is malformed or names no variable of the application.
    #[error("invalid variable template: {0}")]
    InvalidTemplate(String),
}

/// The application's variables with their overrides applied.
#[derive(Debug, Clone, Default)]
pub struct Variables {
    values: BTreeMap<String, Option<String>>,
}

impl Variables {
    /// Applies `overrides` to the manifest's defaults; overrides of unknown names are ignored, as in Spin.
    ///
    /// Errors: `InvalidName` for a declared name that breaks Spin's rules.
    pub fn new(manifest: &Manifest, overrides: &BTreeMap<String, String>) -> Result<Self, VariableError> {
        let mut values = BTreeMap::new();
        for (name, variable) in &manifest.variables {
            check_name(name)?;
            values.insert(name.clone(), overrides.get(name).cloned().or_else(|| variable.default.clone()));
        }
        Ok(Self { values })
    }

    /// Checks that a template is well formed and names only declared variables, with or without a value.
    pub fn check(&self, template: &str) -> Result<(), VariableError> {
        for part in parts(template)? {
            if let Part::Name(name) = part
                && !self.values.contains_key(name)
            {
                return Err(VariableError::InvalidTemplate(format!("unknown variable {name:?}")));
            }
        }
        Ok(())
    }

    /// The template with every variable replaced by its value.
    pub fn resolve(&self, template: &str) -> Result<String, VariableError> {
        let mut text = String::with_capacity(template.len());
        for part in parts(template)? {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Name(name) => text.push_str(self.value(name)?),
            }
        }
        Ok(text)
    }

    fn value(&self, name: &str) -> Result<&str, VariableError> {
        match self.values.get(name) {
            Some(Some(value)) => Ok(value),
            Some(None) => Err(VariableError::Provider(format!("no provider resolved required variable {name:?}"))),
            None => Err(VariableError::InvalidName(name.to_owned())),
        }
    }
}

/// What `fermyon:spin/variables.get` answers to one component.
pub fn get(application: &Variables, component: &str, templates: &BTreeMap<String, String>, name: &str) -> Result<String, VariableError> {
    check_name(name)?;
    let template = templates.get(name).ok_or_else(|| VariableError::Undefined(format!("no variable for {component:?}.{name:?}")))?;
    application.resolve(template)
}

/// Checks a name against Spin's rules: lower-case letters, digits and single underscores, a letter first, no underscore last.
pub fn check_name(name: &str) -> Result<(), VariableError> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let reason = if name.is_empty() {
        "must not be empty"
    } else if !name.chars().all(allowed) {
        "may contain only lower-case letters, numbers, and underscores"
    } else if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        "must start with a lowercase ASCII letter"
    } else if name.ends_with('_') {
        "must end with a lowercase ASCII letter or digit"
    } else if name.contains("__") {
        "must not contain multiple consecutive underscores"
    } else {
        return Ok(());
    };
    Err(VariableError::InvalidName(format!("{name:?}: {reason}")))
}

enum Part<'a> {
    Literal(&'a str),
    Name(&'a str),
}

fn parts(template: &str) -> Result<Vec<Part<'_>>, VariableError> {
    let mut found = Vec::new();
    let mut rest = template;
    while let Some((literal, after)) = rest.split_once("{{") {
        let (name, tail) = after.split_once("}}").ok_or_else(|| VariableError::InvalidTemplate("unmatched '{{' in template".to_owned()))?;
        found.push(Part::Literal(literal));
        found.push(Part::Name(name.trim()));
        rest = tail;
    }
    found.push(Part::Literal(rest));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn application(overrides: &[(&str, &str)]) -> Variables {
        let text = r#"
            spin_manifest_version = 2
            [application]
            name = "demo"
            [[trigger.http]]
            route = "/"
            component = "c"
            [component.c]
            source = "c.wasm"
            [variables]
            host = { default = "localhost" }
            token = { required = true }
        "#;
        let manifest = Manifest::parse(text, std::path::Path::new("")).unwrap();
        let overrides = overrides.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Variables::new(&manifest, &overrides).unwrap()
    }

    #[test]
    fn templates_are_filled_with_defaults_and_overrides() {
        let check = |overrides: &[(&str, &str)], template: &str, expect: &str| {
            assert_eq!(application(overrides).resolve(template).as_deref(), Ok(expect), "{template}");
        };
        check(&[], "", "");
        check(&[], "plain", "plain");
        check(&[], "http://{{ host }}:80/", "http://localhost:80/");
        check(&[("host", "a.example")], "{{host}}{{ host }}", "a.examplea.example");
        check(&[("token", "{{ host }}")], "{{ token }}", "{{ host }}");
    }

    #[test]
    fn a_missing_value_is_told_apart_from_a_missing_variable() {
        let variables = application(&[]);
        let templates = BTreeMap::from([("token".to_owned(), "{{ token }}".to_owned()), ("other".to_owned(), "{{ other }}".to_owned())]);
        let get = |name: &str| get(&variables, "c", &templates, name);
        assert!(matches!(get("token"), Err(VariableError::Provider(_))));
        assert!(matches!(get("absent"), Err(VariableError::Undefined(_))));
        assert!(matches!(get("Not Valid"), Err(VariableError::InvalidName(_))));
        assert!(variables.check("{{ token }}").is_ok());
        assert!(matches!(variables.check("{{ other }}"), Err(VariableError::InvalidTemplate(_))));
        assert!(matches!(variables.check("{{ token"), Err(VariableError::InvalidTemplate(_))));
    }

    #[test]
    fn names_follow_spins_rules() {
        for name in ["a", "abc", "a1b2c3", "a_1", "a_1_b_3"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        for name in ["", "aX", "1bc", "_x", "x.y", "x_", "a__b", "x-y"] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }
}
