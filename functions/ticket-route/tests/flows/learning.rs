//! Corrections teach, and the quality of labels is told.

use orilla_native::testing::Call;
use serde_json::json;

use crate::support::{Shore, office};

#[tokio::test]
async fn what_agents_mend_changes_the_next_label_after_a_training() {
    let mut desk = office();
    desk["categories"] = json!(["kites"]);
    let shore = Shore::with(desk).await;
    let few = shore.ok(Call::post("/v1/routing/train").key(&shore.admin)).await;
    assert_eq!(few["category"]["is_learnt"], false, "nothing was said yet");
    for number in 0..24 {
        let (text, label) = match number % 2 {
            0 => (format!("My kite board {number} has a torn bridle and the kite will not fly"), "kites"),
            _ => (format!("The invoice {number} was charged twice on my card"), "billing"),
        };
        let ticket = shore.open("Question", &text, &format!("a{number}@mar.example")).await;
        shore.patch(ticket["id"].as_str().unwrap(), json!({ "agent": "ana", "category": label })).await;
    }
    let before =
        shore.ok(Call::post("/v1/tickets/classify").key(&shore.read).json(&json!({ "text": "the bridle of my kite is torn" }))).await;
    assert_ne!(before["category"]["label"], "kites");
    let trained = shore.ok(Call::post("/v1/routing/train").key(&shore.admin)).await;
    assert_eq!((trained["category"]["lessons"].clone(), trained["category"]["is_learnt"].clone()), (json!(24), json!(true)));
    let after =
        shore.ok(Call::post("/v1/tickets/classify").key(&shore.read).json(&json!({ "text": "the bridle of my kite is torn" }))).await;
    assert_eq!(after["category"]["label"], "kites", "{after}");
    let same = shore.ok(Call::post("/v1/tickets/classify").key(&shore.read).json(&json!({ "text": "my invoice was charged twice" }))).await;
    assert_eq!(same["category"]["label"], "billing", "{same}");
    let quality = shore.ok(Call::get("/v1/routing/quality").key(&shore.read)).await;
    assert_eq!((quality["tickets"].as_i64(), quality["category"]["said"].as_i64()), (Some(24), Some(24)), "{quality}");
    let kites = quality["category"]["confusion"].as_array().unwrap().iter().filter(|it| it["said"] == "kites");
    assert_eq!(kites.map(|it| it["tickets"].as_i64().unwrap()).sum::<i64>(), 12);
    assert!(quality["category"]["accuracy"].as_f64().unwrap() < 0.6, "kites were never guessed: {quality}");
}
