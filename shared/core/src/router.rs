//! A closed table of routes: what dispatches requests is also what the OpenAPI document is written from.

use http::Method;

use crate::error::{Code, Error};

/// Which key a route asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// None: a visitor's page, guarded by origin, rate and signature instead.
    Public,
    /// A site's secret read key (an admin key will do as well).
    Read,
    /// A site's secret admin key.
    Admin,
    /// The operator's own key, from the host's secrets.
    Operator,
}

/// One row of a function's route table. `N` is the function's closed enum of operations.
#[derive(Debug)]
pub struct Route<N: 'static> {
    /// The method; `HEAD` is answered by the `GET` row.
    pub method: Method,
    /// The path with `{name}` segments, without a trailing slash.
    pub path: &'static str,
    /// The operation.
    pub name: N,
    /// Which key it asks for.
    pub access: Access,
    /// The most bytes of body, before and after decompression.
    pub body_limit: usize,
}

/// One row, as tables write it.
pub const fn row<N>(method: Method, path: &'static str, name: N, access: Access, body_limit: usize) -> Route<N> {
    Route { method, path, name, access, body_limit }
}

/// The route that fits a request, with its path parameters.
#[derive(Debug)]
pub struct Matched<'r, N: 'static> {
    /// The row.
    pub route: &'r Route<N>,
    parameters: Vec<(&'static str, String)>,
}

impl<N> Matched<'_, N> {
    /// A path parameter, percent-decoded; empty if the template has none of this name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value)
    }
}

/// Finds the row for a method and path; a trailing slash makes no difference.
///
/// Errors: `NotFound` when no row has the path; `MethodNotAllowed`, with what is allowed, when only the method differs.
pub fn find<'r, N>(routes: &'r [Route<N>], method: &Method, path: &str) -> Result<Matched<'r, N>, Error> {
    let wanted = if method == Method::HEAD { &Method::GET } else { method };
    let mut allowed = Vec::new();
    for route in routes {
        let Some(parameters) = fit(route.path, path) else { continue };
        if route.method == *wanted {
            return Ok(Matched { route, parameters });
        }
        allowed.push(route.method.clone());
    }
    if allowed.is_empty() {
        return Err(Error::not_found("No route has this path; see /openapi.json."));
    }
    if allowed.contains(&Method::GET) {
        allowed.push(Method::HEAD);
    }
    allowed.push(Method::OPTIONS);
    Err(Error { allow: allowed, ..Error::new(Code::MethodNotAllowed, "This path takes other methods; see `Allow`.") })
}

/// What the route is called that a method and path belong to: its template, which says nothing of who asked. A method that no row takes belongs to
/// whichever row has the path.
pub fn template<N>(routes: &[Route<N>], method: &Method, path: &str) -> Option<&'static str> {
    let wanted = if method == Method::HEAD { &Method::GET } else { method };
    let mut fitting = routes.iter().filter(|route| fit(route.path, path).is_some());
    let first = fitting.next()?;
    let exact = std::iter::once(first).chain(fitting).find(|route| route.method == *wanted);
    Some(exact.unwrap_or(first).path)
}

/// The rows without a key that a path fits, whatever the method: those that a preflight may be about.
pub fn public<'r, N>(routes: &'r [Route<N>], path: &str) -> impl Iterator<Item = Matched<'r, N>> {
    let public = routes.iter().filter(|route| route.access == Access::Public);
    public.filter_map(move |route| Some(Matched { route, parameters: fit(route.path, path)? }))
}

/// The parameters of `path` if it fits `template`. A parameter is one non-empty segment.
fn fit(template: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
    let path = path.strip_suffix('/').filter(|rest| !rest.is_empty()).unwrap_or(path);
    let mut actual = path.split('/');
    let mut parameters = Vec::new();
    for expected in template.split('/') {
        let segment = actual.next()?;
        match expected.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(_) if segment.is_empty() => return None,
            Some(name) => parameters.push((name, decode(segment)?)),
            None if expected == segment => {}
            None => return None,
        }
    }
    actual.next().is_none().then_some(parameters)
}

/// Percent-decodes one segment; `None` if it is not UTF-8, which fits no id of ours.
fn decode(segment: &str) -> Option<String> {
    percent_encoding::percent_decode_str(segment).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Vec<Route<&'static str>> {
        let row = |method, path, name| row(method, path, name, Access::Public, 0);
        vec![
            row(Method::GET, "/v1/forms", "list"),
            row(Method::GET, "/v1/forms/{form}", "get"),
            row(Method::POST, "/v1/forms/{form}/submissions", "submit"),
        ]
    }

    #[track_caller]
    fn check(method: Method, path: &str, expect: Result<(&str, &str), Code>) {
        let table = table();
        let found = find(&table, &method, path);
        let found = found.as_ref().map(|m| (m.route.name, m.parameter("form"))).map_err(|e| e.code);
        assert_eq!(found, expect, "{method} {path}");
    }

    #[test]
    fn finds_rows_by_method_and_path() {
        check(Method::GET, "/v1/forms", Ok(("list", "")));
        check(Method::GET, "/v1/forms/", Ok(("list", "")));
        check(Method::GET, "/v1/forms/demo", Ok(("get", "demo")));
        check(Method::HEAD, "/v1/forms/demo", Ok(("get", "demo")));
        check(Method::GET, "/v1/forms/a%20b", Ok(("get", "a b")));
        check(Method::POST, "/v1/forms/demo/submissions", Ok(("submit", "demo")));
        check(Method::POST, "/v1/forms//submissions", Err(Code::NotFound));
        check(Method::GET, "/v1/forms/demo/submissions", Err(Code::MethodNotAllowed));
        check(Method::GET, "/v1/forms/%ff", Err(Code::NotFound));
        check(Method::GET, "/", Err(Code::NotFound));
        check(Method::GET, "", Err(Code::NotFound));
    }

    #[test]
    fn a_path_is_known_by_its_template() {
        let named = |method, path| template(&table(), &method, path);
        assert_eq!(named(Method::GET, "/v1/forms/demo/"), Some("/v1/forms/{form}"));
        assert_eq!(named(Method::HEAD, "/v1/forms"), Some("/v1/forms"));
        assert_eq!(named(Method::DELETE, "/v1/forms/ana%40olas.example"), Some("/v1/forms/{form}"));
        assert_eq!(named(Method::GET, "/ana@olas.example"), None);
        let rows = [row(Method::GET, "/v1/leads/{lead}", (), Access::Read, 0), row(Method::POST, "/v1/leads/import", (), Access::Admin, 0)];
        assert_eq!(template(&rows, &Method::POST, "/v1/leads/import"), Some("/v1/leads/import"));
    }

    #[test]
    fn a_wrong_method_is_told_the_right_ones() {
        let error = find(&table(), &Method::DELETE, "/v1/forms/demo").unwrap_err();
        assert_eq!(error.allow, [Method::GET, Method::HEAD, Method::OPTIONS]);
    }
}
