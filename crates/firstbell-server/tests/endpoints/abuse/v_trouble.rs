//! V-09: a database that fails says nothing of itself to those who ask.

use firstbell_store::testing;

use super::Count;
use super::b_tokens::REDEEM;
use super::case::{Case, Scene, case, exchange, form, get};
use super::oracle::{Oracle, rim};
use super::stage::stages;
use crate::world::ana;

/// Each way into the database, and the table without which it fails.
fn rows() -> [(&'static str, Case); 5] {
    let row = |what: &str| case("V-09", what);
    [
        ("pending_logins", row("a login that begins").get("{authorize}").page(500, "FB9001")),
        (
            "tries",
            row("a password")
                .after(Scene::LoginBegun)
                .sends(form("/login/{login}/password", "username=ana.nunez&password=x"))
                .page(500, "FB9001"),
        ),
        ("sessions", row("a session").by(ana()).get("/in/ada").page(500, "FB9001")),
        (
            "codes",
            row("a code")
                .after(Scene::Code(ana()))
                .sends(exchange(REDEEM))
                .token_refused(500, "server_error"),
        ),
        (
            "tokens",
            row("a token")
                .after(Scene::Code(ana()))
                .after(Scene::Redeemed)
                .sends(get("/v3.0/me").with("authorization", "Bearer {token}"))
                .expects(Oracle::Api(500)),
        ),
    ]
}

#[tokio::test]
async fn v_09_what_fails_inside_stays_inside() {
    let mut count = Count::default();
    let mut stages = stages().await;
    for (table, case) in rows() {
        let mut outcomes = Vec::new();
        for (database, stage) in &mut stages {
            let statement = |[from, to]: [&str; 2]| -> &'static str {
                Box::leak(format!("ALTER TABLE {from} RENAME TO {to}").into_boxed_str())
            };
            let (away, back) = (statement([table, "away"]), statement(["away", table]));
            stage.prepare(&case).await;
            testing::run_sql(&stage.world.store, away).await.unwrap();
            let replies = stage.send(&case.sent, 1).await;
            testing::run_sql(&stage.world.store, back).await.unwrap();
            let refused = case.oracle.judge(stage, &replies);
            let refused = refused.and_then(|()| rim(stage, &replies[0])).and_then(|()| {
                let named = replies[0].body.contains(table);
                super::oracle::held(!named, || "the table is named".into())
            });
            outcomes.push((*database, (refused, Vec::new())));
        }
        count.add("V-09", &case.what, &outcomes);
    }
    count.close("V-09");
}
