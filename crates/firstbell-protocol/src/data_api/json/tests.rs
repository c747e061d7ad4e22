//! What is printed is what `serde_json` prints.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::print;

fn printed(value: &impl Serialize) -> String {
    let mut body = b"> ".to_vec();
    print(&mut body, value).expect("prints");
    String::from_utf8(body).expect("text").split_off(2)
}

#[derive(Serialize)]
enum Kind {
    Unit,
    Newtype(u8),
    Tuple(i8, char),
    Struct { a: Option<f64>, b: () },
}

#[derive(Serialize)]
struct Whole<'a> {
    kinds: [Kind; 4],
    text: &'a str,
    pair: (bool, i64),
    #[serde(skip_serializing_if = "Option::is_none")]
    nothing: Option<u8>,
    empty: BTreeMap<String, u8>,
    bytes: &'a [u8],
}

struct Formatted<'a>(&'a str);

impl Serialize for Formatted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}{}", self.0, 1))
    }
}

#[test]
fn every_form_of_value_is_printed_as_serde_json_prints_it() {
    let kinds =
        [Kind::Unit, Kind::Newtype(7), Kind::Tuple(-1, '"'), Kind::Struct { a: Some(0.1), b: () }];
    let empty = BTreeMap::new();
    let text = "a\"\\\n\r\t\u{8}\u{c}\u{0}\u{1f}\u{7f}é\u{2028}";
    let whole =
        Whole { kinds, text, pair: (true, i64::MIN), nothing: None, empty, bytes: &[0, 255] };
    assert_eq!(printed(&whole), serde_json::to_string(&whole).expect("prints"));
    let formatted = format_args!("{text}{}", 1).to_string();
    assert_eq!(printed(&Formatted(text)), serde_json::to_string(&formatted).expect("prints"));
}

#[test]
fn a_name_that_is_no_text_is_refused() {
    let map = BTreeMap::from([(vec![1], 2)]);
    assert!(print(&mut Vec::new(), &map).is_err());
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_value_is_printed_as_serde_json_prints_it(value in any_value()) {
        prop_assert_eq!(printed(&value), serde_json::to_string(&value).expect("prints"));
    }
}
