//! A sharing as the text in which cursors keep it. It is read by this program alone.

use firstbell_core::application::{DataGroup, Sharing, SharingRule};
use serde_json::{Value, json};

use crate::backend::Row;
use crate::error::StoreError;

/// The text of a sharing.
pub(super) fn text_of(sharing: &Sharing) -> String {
    let rules: Vec<_> = sharing.rules.iter().map(rule_json).collect();
    let groups: Vec<_> = sharing.groups.iter().map(DataGroup::name).collect();
    json!({ "rules": rules, "all_staff": sharing.all_staff, "groups": groups }).to_string()
}

fn rule_json(rule: &SharingRule) -> Value {
    fn texts<T: ToString>(list: Option<&Vec<T>>) -> Option<Vec<String>> {
        list.map(|list| list.iter().map(ToString::to_string).collect())
    }

    let roles = rule.roles.as_ref().map(|list| list.iter().map(|kind| kind.name()).collect());
    let roles: Option<Vec<_>> = roles;
    json!({
        "schools": texts(rule.schools.as_ref()),
        "sections": texts(rule.sections.as_ref()),
        "grades": rule.grades,
        "subjects": rule.subjects,
        "roles": roles,
    })
}

/// The sharing in a column; none where it is null.
pub(super) fn opt_sharing(row: &Row<'_>, column: usize) -> Result<Option<Sharing>, StoreError> {
    let Some(text) = row.opt_text(column)? else { return Ok(None) };
    let json: Option<Value> = serde_json::from_str(text).ok();
    json.and_then(|json| sharing_of(&json)).map(Some).ok_or(StoreError::Unreadable { column })
}

/// None where anything is not understood: it must not widen what is shared.
fn sharing_of(json: &Value) -> Option<Sharing> {
    let group = |name: &Value| DataGroup::ALL.into_iter().find(|group| *name == group.name());
    Some(Sharing {
        rules: json["rules"].as_array()?.iter().map(rule_of).collect::<Option<_>>()?,
        all_staff: json["all_staff"].as_bool()?,
        groups: json["groups"].as_array()?.iter().map(group).collect::<Option<_>>()?,
    })
}

fn rule_of(json: &Value) -> Option<SharingRule> {
    Some(SharingRule {
        schools: list_of(&json["schools"]).ok()?,
        sections: list_of(&json["sections"]).ok()?,
        grades: list_of(&json["grades"]).ok()?,
        subjects: list_of(&json["subjects"]).ok()?,
        roles: list_of(&json["roles"]).ok()?,
    })
}

/// What no program of ours wrote.
struct Foreign;

fn list_of<T: std::str::FromStr>(json: &Value) -> Result<Option<Vec<T>>, Foreign> {
    if json.is_null() {
        return Ok(None);
    }
    let values = json.as_array().ok_or(Foreign)?.iter();
    let parsed = values.map(|value| value.as_str().and_then(|text| text.parse().ok()));
    parsed.collect::<Option<_>>().map(Some).ok_or(Foreign)
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstbell_core::application::DataGroups;
    use firstbell_core::id::{SchoolId, SectionId};
    use firstbell_core::roster::RoleKind;

    fn everything() -> Sharing {
        let rule = SharingRule {
            schools: Some(vec![SchoolId::from_bytes([1; 12]), SchoolId::from_bytes([2; 12])]),
            sections: Some(vec![SectionId::from_bytes([3; 12])]),
            grades: Some(vec!["4".into(), "\"é\\".into()]),
            subjects: Some(vec![]),
            roles: Some(vec![RoleKind::Student, RoleKind::DistrictAdmin]),
        };
        let rules = vec![rule, SharingRule::default()];
        Sharing { rules, all_staff: true, groups: DataGroups::all() }
    }

    fn read(text: &str) -> Option<Sharing> {
        sharing_of(&serde_json::from_str(text).expect("JSON"))
    }

    #[test]
    fn a_sharing_reads_back_as_it_was_written() {
        for sharing in [everything(), Sharing::everyone(), Sharing::default()] {
            assert_eq!(read(&text_of(&sharing)), Some(sharing));
        }
    }

    #[test]
    fn what_is_not_understood_is_no_sharing() {
        let text = text_of(&everything());
        for (known, foreign) in [
            ("\"student\"", "\"pupil\""),
            ("\"events\"", "\"gossip\""),
            ("\"schools\":[\"0", "\"schools\":[\"x"),
            ("\"all_staff\":true", "\"all_staff\":1"),
            ("\"subjects\":[]", "\"subjects\":{}"),
        ] {
            let other = text.replace(known, foreign);
            assert_ne!(other, text, "{known}");
            assert_eq!(read(&other), None, "{foreign}");
        }
    }
}
