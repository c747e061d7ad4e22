//! All SQL is text that both databases understand.

use firstbell_store::testing::statements;

use crate::bench::Bench;

pub async fn every_statement_is_understood(bench: Bench) {
    let count = statements::prepare_all(&bench.store).await.unwrap_or_else(|refused| {
        panic!("{}\n{}", refused.sql, refused.cause);
    });
    assert!(count > 100, "only {count} statements were found");
}

#[test]
fn parameters_first_appear_in_order() {
    for sql in statements::shared() {
        assert!(statements::is_numbered_in_order(&sql), "{sql}");
    }
}

#[test]
fn the_check_of_the_order_sees_what_is_out_of_order() {
    for (sql, expected) in [
        ("SELECT $1, $2, $1", true),
        ("SELECT 1", true),
        ("SELECT $2, $1", false),
        ("SELECT $1, $3", false),
    ] {
        assert_eq!(statements::is_numbered_in_order(sql), expected, "{sql}");
    }
}
