//! Sites' keys.

use http::{HeaderMap, Method};
use orilla_core::ids::RequestId;
use orilla_core::router::Access;
use orilla_core::sites::{self, Kind};
use orilla_core::{Clock, Code, Platform, Request, Sql};
use orilla_native::testing::TestHost;

use crate::{other_site, site, sql};

fn request(host: &TestHost, key: &str) -> Request {
    let received = host.clock().now();
    let mut headers = HeaderMap::new();
    headers.insert("authorization", format!("Bearer {key}").parse().unwrap());
    Request {
        id: RequestId::new(received, &host.random()),
        method: Method::GET,
        uri: "/v1/leads".parse().unwrap(),
        headers,
        body: Default::default(),
        is_truncated: false,
        client: None,
        country: None,
        received,
        is_origin_allowed: Default::default(),
    }
}

#[tokio::test]
async fn a_stored_key_opens_its_own_site_and_no_other() {
    let host = TestHost::new().await;
    let key = sites::new_key(Kind::Admin, &host.random());
    let read = sites::new_key(Kind::Read, &host.random());
    let now = host.clock().now();
    let statements = vec![sites::store_key(&site(), Kind::Admin, &key, now), sites::store_key(&other_site(), Kind::Read, &read, now)];
    sql(&host).batch(statements).await.unwrap();
    let sql = host.sql(orilla_core::ports::DB).unwrap();

    let caller = sites::authenticate(&sql, &request(&host, &key), Access::Admin).await.unwrap();
    assert_eq!((caller.site, caller.kind), (site(), Kind::Admin));
    let caller = sites::authenticate(&sql, &request(&host, &read), Access::Read).await.unwrap();
    assert_eq!((caller.site, caller.kind), (other_site(), Kind::Read));

    let unknown = sites::new_key(Kind::Admin, &host.random());
    let refused = sites::authenticate(&sql, &request(&host, &unknown), Access::Read).await;
    assert_eq!(refused.map_err(|e| e.code), Err(Code::Unauthenticated));

    let operate = async |key: &str, site| sites::admit_operator(&host, &sql, &request(&host, key), &site).await.map_err(|e| e.code);
    host.set_variable(orilla_core::function::OPERATOR_KEY, "operator");
    assert_eq!(operate("operator", other_site()).await, Ok(()));
    assert_eq!(operate(&key, site()).await, Ok(()));
    assert_eq!(operate(&key, other_site()).await, Err(Code::Forbidden));
    assert_eq!(operate(&read, other_site()).await, Err(Code::Forbidden));
    assert_eq!(operate("guess", site()).await, Err(Code::Unauthenticated));
}
