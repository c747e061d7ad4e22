//! The tables hold what the specification lists, and agree with themselves.

use std::collections::HashSet;

use super::*;
use crate::data_api::{Dialect, v2_0, v2_1, v3_0};

fn endpoint(dialect: Dialect, path: &str) -> Endpoint {
    *dialect.endpoints().iter().find(|it| it.path == path).expect(path)
}

#[test]
fn no_path_stands_twice() {
    for dialect in Dialect::ALL {
        let paths: HashSet<_> = dialect.endpoints().iter().map(|it| it.path).collect();
        assert_eq!(paths.len(), dialect.endpoints().len(), "{}", dialect.prefix());
        let targets: HashSet<_> = dialect.endpoints().iter().map(|it| it.target).collect();
        assert_eq!(targets.len(), dialect.endpoints().len(), "{}", dialect.prefix());
    }
}

#[test]
fn a_path_says_what_is_read() {
    for dialect in Dialect::ALL {
        for it in dialect.endpoints() {
            let from = it.target.starts_from();
            let mut words = it.path.trim_start_matches('/').split('/');
            let (noun, id, last) = (words.next(), words.next(), words.next());
            assert_eq!(id, from.map(|_| "{id}"), "{}", it.path);
            if let Some(from) = from {
                assert_eq!(noun, Some(from.path_name()), "{}", it.path);
            }
            let Some(returns) = it.target.returns() else { continue };
            let word = last.or(noun).expect(it.path).trim_start_matches("my");
            let is_named = match it.target.shape() {
                Shape::List => word == returns.path_name(),
                Shape::One if last.is_none() => word == returns.path_name(),
                Shape::One => format!("{word}s") == returns.path_name(),
            };
            let is_user = matches!(word, "contacts" | "students" | "teachers")
                && returns.path_name() == "users";
            assert!(is_named || is_user, "{} returns {returns:?}", it.path);
        }
    }
}

#[test]
fn every_object_that_is_returned_can_be_read_by_its_id() {
    for dialect in Dialect::ALL {
        for returns in dialect.endpoints().iter().filter_map(|it| it.target.returns()) {
            let path = format!("/{}/{{id}}", returns.path_name());
            assert_eq!(endpoint(dialect, &path).target, Target::One(returns));
        }
    }
}

#[test]
fn pages_are_of_lists_and_every_list_but_districts_has_them() {
    for dialect in Dialect::ALL {
        for it in dialect.endpoints() {
            let is_list = it.target.shape() == Shape::List;
            assert_eq!(it.is_paged(), is_list && it.path != "/districts", "{}", it.path);
            assert!(is_list || it.parameters.is_empty(), "{}", it.path);
        }
    }
}

#[test]
fn lists_are_counted_since_v2_1() {
    let counted = |dialect: Dialect| {
        let counted =
            dialect.endpoints().iter().filter(|it| it.parameters.contains(&Parameter::Count));
        counted.map(|it| it.path).collect::<Vec<_>>()
    };
    assert!(counted(Dialect::V2(v2_0::DIALECT)).is_empty());
    assert_eq!(
        counted(Dialect::V2(v2_1::DIALECT)),
        [
            "/contacts",
            "/courses",
            "/district_admins",
            "/districts",
            "/school_admins",
            "/schools",
            "/sections",
            "/students",
            "/teachers",
            "/terms"
        ]
    );
    assert_eq!(
        counted(Dialect::V3(v3_0::DIALECT)),
        ["/courses", "/districts", "/schools", "/sections", "/terms", "/users"]
    );
    let paged = endpoint(Dialect::V2(v2_0::DIALECT), "/students");
    assert_eq!(paged.parameters, PAGED);
}

#[test]
fn the_families_have_all_their_endpoints() {
    let counts = Dialect::ALL.map(|dialect| dialect.endpoints().len());
    assert_eq!(counts, [54, 54, 45, 45]);
}
