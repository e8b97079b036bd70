//! A site's folder as one request body: `site.toml`, `forms/*.toml`, `scoring.toml`, `segments.toml`; the files of `assets/`, the articles of `kb/*.md`, the desk of
//! `desk.toml`, and what is thought of content, `content.toml`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Map, Value as Json, json};

use super::source::{self, Environment, Source};

/// The longest asset. Source: what `core` lets a key-value store keep.
const MAX_ASSET_BYTES: u64 = orilla_core::ports::MAX_VALUE_BYTES as u64;

/// Where places in `desk.toml` begin.
const DESK: &str = "desk";
/// As those in `segments.toml` do, before they are the server's.
const SEGMENTS_FILE: &str = "segments.toml";
/// As those in `content.toml` do.
const CONTENT: &str = "content";

/// A site's files.
#[derive(Debug)]
pub struct Files {
    /// What the server takes.
    pub body: Json,
    /// What it takes beside that.
    pub assets: Vec<Asset>,
    /// The articles of its help centre, as the FAQ chat takes them; `None` of a site without `kb/`, whose articles come from elsewhere.
    pub articles: Option<Vec<Json>>,
    /// Its help desk, as ticket routing takes it; `None` of a site without `desk.toml`.
    pub desk: Option<Json>,
    /// How its content is judged, as content scoring takes it; `None` of a site without `content.toml`.
    pub content: Option<Json>,
    /// What a person should know.
    pub notes: Vec<String>,
    dir: PathBuf,
    places: BTreeMap<String, (PathBuf, usize)>,
}

/// A file to hand out.
#[derive(Debug)]
pub struct Asset {
    /// Its name on the server.
    pub name: String,
    /// Where it stands.
    pub path: PathBuf,
}

/// One mistake, where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// The line, where one is to blame.
    pub line: Option<usize>,
    /// What to do about it.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl Files {
    /// The site's id.
    ///
    /// Errors: if `site.toml` has none.
    pub fn site_id(&self) -> Result<String> {
        let id = self.body["site"]["id"].as_str();
        Ok(id
            .with_context(|| format!("{}: `id` is missing; it is a UUID of the site's own", self.dir.join("site.toml").display()))?
            .to_owned())
    }

    /// A mistake at a JSON path of the desk.
    pub fn problem_of_desk(&self, path: &str, message: &str) -> Problem {
        self.problem(&format!("{DESK}.{path}"), message)
    }

    /// A mistake at a JSON path of what is said of content.
    pub fn problem_of_content(&self, path: &str, message: &str) -> Problem {
        self.problem(&format!("{CONTENT}.{path}"), message)
    }

    /// A mistake at a JSON path of the body, where its file says that; at the nearest line above if it is about something missing.
    pub fn problem(&self, path: &str, message: &str) -> Problem {
        let mut known = path;
        while !known.is_empty() {
            if let Some((file, line)) = self.places.get(known) {
                let below = path.get(known.len()..).unwrap_or_default().trim_start_matches('.');
                let named = if below.is_empty() { last_name(path) } else { below };
                return Problem { file: file.clone(), line: Some(*line), message: format!("{named}: {message}") };
            }
            known = known.rfind(['.', '[']).and_then(|end| known.get(..end)).unwrap_or_default();
        }
        Problem { file: self.dir.clone(), line: None, message: format!("{path}: {message}") }
    }
}

/// The last name of a path, with its index if it has one.
fn last_name(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(_, name)| name)
}

/// Reads a site's folder.
///
/// Errors: everything that is wrong with the files as files.
pub fn read(dir: &Path, environment: Environment<'_>) -> Result<Files, Vec<Problem>> {
    let mut reading = Reading {
        environment,
        problems: Vec::new(),
        files: Files {
            body: Json::Null,
            assets: Vec::new(),
            articles: None,
            desk: None,
            content: None,
            notes: Vec::new(),
            dir: dir.to_owned(),
            places: BTreeMap::new(),
        },
    };
    let site = reading.toml(&dir.join("site.toml"), "site").unwrap_or_default();
    let mut forms = Map::new();
    for path in reading.list(&dir.join("forms"), "toml") {
        let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let form = reading.toml(&path, &format!("forms.{id}")).unwrap_or_default();
        forms.insert(id, form);
    }
    let scoring = dir.join("scoring.toml");
    let scoring = if scoring.exists() { reading.toml(&scoring, "scoring").unwrap_or_default() } else { Json::Null };
    let segments = reading.segments(&dir.join("segments.toml"));
    reading.files.body = json!({ "site": site, "forms": forms, "scoring": scoring, "segments": segments });
    reading.assets(&dir.join("assets"));
    reading.articles(&dir.join("kb"));
    let desk = dir.join("desk.toml");
    if desk.exists() {
        reading.files.desk = reading.toml(&desk, DESK);
    }
    let content = dir.join("content.toml");
    if content.exists() {
        reading.files.content = reading.toml(&content, CONTENT);
    }
    if reading.problems.is_empty() { Ok(reading.files) } else { Err(reading.problems) }
}

struct Reading<'e> {
    environment: Environment<'e>,
    problems: Vec<Problem>,
    files: Files,
}

impl Reading<'_> {
    fn problem(&mut self, file: &Path, line: Option<usize>, message: impl Into<String>) {
        self.problems.push(Problem { file: file.to_owned(), line, message: message.into() });
    }

    fn toml(&mut self, path: &Path, root: &str) -> Option<Json> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => {
                self.problem(path, None, format!("cannot be read: {error}"));
                return None;
            }
        };
        let Source { json, lines, problems, notes } = source::read(&text, root, self.environment);
        for (line, message) in problems {
            self.problem(path, Some(line), message);
        }
        self.files.notes.extend(notes.into_iter().map(|note| format!("{}: {note}", path.display())));
        self.files.places.extend(lines.into_iter().map(|(at, line)| (at, (path.to_owned(), line))));
        Some(json)
    }

    /// The list `segments` of its file; nothing of a site without one.
    fn segments(&mut self, path: &Path) -> Json {
        if !path.exists() {
            return Json::Null;
        }
        let mut file = self.toml(path, SEGMENTS_FILE).unwrap_or_default();
        // The server's paths begin with the list itself.
        let below = |at: &str| Some(at.strip_prefix(SEGMENTS_FILE)?.strip_prefix('.')?.to_owned());
        let listed: Vec<_> = self.files.places.iter().filter_map(|(at, place)| Some((below(at)?, place.clone()))).collect();
        self.files.places.extend(listed);
        let segments = file.as_object_mut().and_then(|file| file.remove("segments"));
        for name in file.as_object().into_iter().flat_map(|file| file.keys()) {
            let line = self.files.places.get(name).map(|(_, line)| *line);
            self.problem(path, line, format!("{name}: a file of segments has `[[segments]]` and nothing else"));
        }
        segments.unwrap_or_else(|| json!([]))
    }

    /// Markdown with front matter, to be read by the server; a mistake is told at the file's beginning.
    fn articles(&mut self, folder: &Path) {
        if !folder.is_dir() {
            return;
        }
        let mut articles = Vec::new();
        for path in self.list(folder, "md") {
            match std::fs::read_to_string(&path) {
                Ok(text) => {
                    self.files.places.insert(format!("articles[{}]", articles.len()), (path, 1));
                    articles.push(Json::String(text));
                }
                Err(error) => self.problem(&path, None, format!("cannot be read: {error}")),
            }
        }
        self.files.articles = Some(articles);
    }

    /// The files of a folder with this ending, by name; none if the folder is not there.
    fn list(&mut self, dir: &Path, ending: &str) -> Vec<PathBuf> {
        let mut paths = Vec::new();
        for path in self.entries(dir) {
            if path.extension().is_some_and(|actual| actual == ending) {
                paths.push(path);
            } else {
                self.files.notes.push(format!("{}: left out, since it is no .{ending} file", path.display()));
            }
        }
        paths
    }

    /// What stands in a folder, by name, without hidden files.
    fn entries(&mut self, dir: &Path) -> Vec<PathBuf> {
        if !dir.exists() {
            return Vec::new();
        }
        let read = || std::fs::read_dir(dir)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>();
        let mut paths = read().unwrap_or_else(|error| {
            self.problem(dir, None, format!("cannot be read: {error}"));
            Vec::new()
        });
        paths.retain(|path| path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with('.')));
        paths.sort();
        paths
    }

    /// The assets, each short enough, and each that a form promises.
    fn assets(&mut self, dir: &Path) {
        for path in self.entries(dir) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            match path.metadata() {
                Ok(metadata) if !metadata.is_file() => self.problem(&path, None, "an asset is a file; folders are not read"),
                Ok(metadata) if metadata.len() > MAX_ASSET_BYTES => {
                    self.problem(&path, None, format!("it has {} bytes; an asset has at most {MAX_ASSET_BYTES}", metadata.len()));
                }
                Ok(_) => self.files.assets.push(Asset { name, path }),
                Err(error) => self.problem(&path, None, format!("cannot be read: {error}")),
            }
        }
        let forms = self.files.body["forms"].as_object().cloned().unwrap_or_default();
        for (id, form) in forms {
            for (locale, asset) in form["magnet"]["asset"].as_object().into_iter().flatten() {
                let asset = asset.as_str().unwrap_or_default();
                if !self.files.assets.iter().any(|it| it.name == asset) {
                    let path = format!("forms.{id}.magnet.asset.{locale}");
                    let message = format!("there is no file `{asset}` in {}", dir.display());
                    self.problems.push(self.files.problem(&path, &message));
                }
            }
        }
    }
}
