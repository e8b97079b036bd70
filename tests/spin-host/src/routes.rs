//! Which component answers a path, and the `spin-*` headers that tell it how it was matched.
//! Precedence is Spin's by construction: both stand on the crate `routefinder`.

use std::net::SocketAddr;

use http::{HeaderName, HeaderValue, Uri};
use routefinder::RouteSpec;

use crate::error::{Error, Result};
use crate::manifest::Trigger;

/// The application's routes.
pub struct Router(routefinder::Router<Route>);

struct Route {
    /// As written in the manifest.
    raw: String,
    /// With a leading and without a trailing slash.
    normal: String,
    component: String,
}

/// How a path was matched, or a service-chained call that needed no route.
pub struct Matched {
    /// The component that answers.
    pub component: String,
    raw_route: String,
    matched_route: String,
    path_info: String,
    parameters: Vec<(String, String)>,
}

impl Router {
    /// Builds the router; of two triggers with one pattern the later wins, as in Spin.
    ///
    /// Errors: `Route` for a pattern that does not parse.
    pub fn new(triggers: &[Trigger]) -> Result<Self> {
        let mut router = routefinder::Router::new();
        for (at, trigger) in triggers.iter().enumerate() {
            let Some(raw) = &trigger.route else { continue };
            if triggers[at + 1..].iter().any(|later| later.route == trigger.route) {
                continue;
            }
            let invalid = |reason: String| Error::Route { pattern: raw.clone(), reason };
            let normal = normalize(raw);
            let pattern = match normal.strip_suffix("/...") {
                Some(prefix) => format!("{prefix}/*"),
                None => normal.clone(),
            };
            let spec: RouteSpec = pattern.parse().map_err(invalid)?;
            let Ok(()) = router.add(spec, Route { raw: raw.clone(), normal, component: trigger.component.clone() });
        }
        Ok(Self(router))
    }

    /// The best match for a path: exact before parameters before wildcards, then the longest.
    pub fn matched(&self, path: &str) -> Option<Matched> {
        let found = self.0.best_match(path)?;
        let captures = found.captures();
        let path_info = captures.wildcard().map(|rest| trailing(rest, path)).unwrap_or_default();
        Some(Matched {
            component: found.handler().component.clone(),
            raw_route: found.handler().raw.clone(),
            matched_route: found.handler().normal.clone(),
            path_info,
            parameters: captures.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        })
    }
}

impl Matched {
    /// A call from one component to another: as if the whole path stood behind a wildcard.
    pub fn chained(component: String, path: &str) -> Self {
        Self {
            component,
            raw_route: "/...".to_owned(),
            matched_route: "/...".to_owned(),
            path_info: path.to_owned(),
            parameters: Vec::new(),
        }
    }

    /// The headers Spin adds to a request. Values that no header may carry are left out.
    ///
    /// They are to be appended, not inserted: real Spin appends, so a client that forges one of these names puts its value first.
    pub fn headers(&self, uri: &Uri, host: &str, client: SocketAddr) -> Vec<(HeaderName, HeaderValue)> {
        let path = uri.path_and_query().map_or("/", |p| p.as_str());
        let named = [
            ("spin-path-info", self.path_info.clone()),
            ("spin-full-url", format!("http://{host}{path}")),
            ("spin-matched-route", self.matched_route.clone()),
            ("spin-base-path", "/".to_owned()),
            ("spin-raw-component-route", self.raw_route.clone()),
            ("spin-component-route", self.raw_route.strip_suffix("/...").unwrap_or(&self.raw_route).to_owned()),
            ("spin-client-addr", client.to_string()),
        ];
        let named = named.into_iter().map(|(name, value)| (name.to_owned(), value));
        let parameters =
            self.parameters.iter().map(|(name, value)| (format!("spin-path-match-{}", name.to_ascii_lowercase()), value.clone()));
        named.chain(parameters).filter_map(|(name, value)| Some((name.parse().ok()?, HeaderValue::from_str(&value).ok()?))).collect()
    }
}

fn normalize(route: &str) -> String {
    let route = route.strip_suffix('/').unwrap_or(route);
    if route.starts_with('/') || route.is_empty() { route.to_owned() } else { format!("/{route}") }
}

/// The part behind a wildcard with the slashes that Spin keeps and `routefinder` drops.
fn trailing(rest: &str, path: &str) -> String {
    match (rest.is_empty(), path.ends_with('/')) {
        (true, false) => String::new(),
        (true, true) => "/".to_owned(),
        (false, false) => format!("/{rest}"),
        (false, true) => format!("/{rest}/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn router(routes: &[&str]) -> Router {
        let triggers: Vec<_> =
            routes.iter().map(|route| Trigger { route: Some((*route).to_owned()), component: (*route).to_owned() }).collect();
        Router::new(&triggers).unwrap()
    }

    #[test]
    fn the_most_specific_route_wins_in_any_order() {
        let routes = ["/", "/one", "/one/...", "/one/two/...", "/one/:id", "/one/two/three", "/users/:id/posts", "/..."];
        let check = |path: &str, expect: &str| {
            for router in [router(&routes), router(&routes.iter().rev().copied().collect::<Vec<_>>())] {
                assert_eq!(router.matched(path).unwrap().component, expect, "{path}");
            }
        };
        check("/", "/");
        check("/one", "/one");
        check("/one/", "/one");
        check("/one/7", "/one/:id");
        check("/one/two", "/one/two/...");
        check("/one/two/three", "/one/two/three");
        check("/one/two/three/four", "/one/two/...");
        check("/one/7/more", "/one/...");
        check("/users/7/posts", "/users/:id/posts");
        check("/users/7", "/...");
        check("/elsewhere", "/...");
    }

    #[test]
    fn an_unmatched_path_and_a_private_route_have_no_component() {
        assert!(router(&["/one"]).matched("/two").is_none());
        let private = Router::new(&[Trigger { route: None, component: "c".into() }]).unwrap();
        assert!(private.matched("/").is_none());
    }

    #[test]
    fn of_two_triggers_with_one_pattern_the_later_wins() {
        let triggers = ["a", "b"].map(|c| Trigger { route: Some("/x".into()), component: c.into() });
        assert_eq!(Router::new(&triggers).unwrap().matched("/x").unwrap().component, "b");
    }

    #[test]
    fn headers_tell_how_the_path_was_matched() {
        let router = router(&["/foo/:UserId/..."]);
        let uri: Uri = "/foo/42/bar/?a=1".parse().unwrap();
        let client = SocketAddr::from(([127, 0, 0, 1], 8777));
        let headers = router.matched(uri.path()).unwrap().headers(&uri, "a.example:3000", client);
        let expect = [
            ("spin-path-info", "/bar/"),
            ("spin-full-url", "http://a.example:3000/foo/42/bar/?a=1"),
            ("spin-matched-route", "/foo/:UserId/..."),
            ("spin-base-path", "/"),
            ("spin-raw-component-route", "/foo/:UserId/..."),
            ("spin-component-route", "/foo/:UserId"),
            ("spin-client-addr", "127.0.0.1:8777"),
            ("spin-path-match-userid", "42"),
        ];
        let headers: Vec<_> = headers.iter().map(|(n, v)| (n.as_str(), v.to_str().unwrap())).collect();
        assert_eq!(headers, expect);
    }

    #[test]
    fn malformed_patterns_are_refused() {
        for pattern in ["/:", "/a/*rest"] {
            let trigger = Trigger { route: Some(pattern.into()), component: "c".into() };
            assert!(Router::new(&[trigger]).is_err(), "{pattern}");
        }
    }
}
