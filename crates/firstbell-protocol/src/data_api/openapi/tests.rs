//! The document says what the printers print: everything that is printed is valid, and everything
//! that can be valid is printed by some sample.

use std::collections::BTreeSet;

use serde::Serialize;

use super::*;
use crate::data_api::samples::{
    CONTACT, COURSE, FULL_ROLES, LOGIN_ROLES, RESOURCE, SPARSE_CONTACT, SPARSE_ROLES, STUDENT,
    TEACHER, TERM, full_district, full_person, full_school, full_section, person, section,
    sparse_district, sparse_person, sparse_school, sparse_section,
};
use crate::data_api::{
    AtMe, DeletedObject, District, Event, Happening, ListQuery, ListWriter, ObjectId, People,
    Person, PersonKind, PersonRole, Rest, Section, Term, previous_attributes,
};

/// An object and the collection that it is of.
type Sample = (Collection, Value);

fn printed(value: &impl Serialize) -> Value {
    serde_json::from_str(&serde_json::to_string(value).expect("prints")).expect("json")
}

fn people(dialect: Dialect) -> Vec<Sample> {
    let mut samples = Vec::new();
    let mut grade = STUDENT;
    grade.grade = Some("13");
    let thirteenth = [grade];
    for (person, roles) in [
        (full_person(FULL_ROLES), FULL_ROLES),
        (sparse_person(SPARSE_ROLES), SPARSE_ROLES),
        (full_person(LOGIN_ROLES), LOGIN_ROLES),
        (person(&[TEACHER]), &[TEACHER]),
        (person(&thirteenth), &thirteenth),
    ] {
        for role in roles {
            let collection = match dialect {
                Dialect::V2(_) => People::In(PersonKind::from(role.kind)),
                Dialect::V3(_) => People::Users,
            };
            let object = printed(&dialect.person_object(&person, role));
            samples.push((Collection::People(collection), object));
        }
    }
    let contacts = match dialect {
        Dialect::V2(_) => People::In(PersonKind::Contact),
        Dialect::V3(_) => People::Users,
    };
    for contact in [CONTACT, SPARSE_CONTACT] {
        let object = printed(&dialect.contact_object(contact));
        samples.push((Collection::People(contacts), object));
    }
    samples
}

fn objects(dialect: Dialect) -> Vec<Sample> {
    let bare = District { record: None, ..full_district() };
    let nothing = District { id: bare.id, ..District::default() };
    let districts = [full_district(), sparse_district(), bare, nothing];
    let sections: [Section<'_>; 3] = [full_section(), sparse_section(), section()];
    let vague = Term { name: None, start_date: None, end_date: None, ..TERM };
    let unnamed = crate::data_api::Course { name: None, number: None, ..COURSE };
    let mut samples = people(dialect);
    let mut add = |collection, object| samples.push((collection, object));
    for it in districts {
        add(Collection::Districts, printed(&dialect.district_object(it)));
    }
    for it in sections {
        add(Collection::Sections, printed(&dialect.section_object(it)));
    }
    for it in [full_school(), sparse_school()] {
        add(Collection::Schools, printed(&dialect.school_object(it)));
    }
    for it in [TERM, vague] {
        add(Collection::Terms, printed(&it));
    }
    for it in [COURSE, unnamed] {
        add(Collection::Courses, printed(&it));
    }
    if matches!(dialect, Dialect::V3(_)) {
        add(Collection::Resources, printed(&RESOURCE));
    }
    samples
}

/// Objects, and everything that can happen to them.
fn everything(dialect: Dialect) -> Vec<Sample> {
    let mut samples = objects(dialect);
    let mut events = Vec::new();
    let users = PersonKind::ALL.map(|kind| (kind, CONTACT.role));
    for (collection, object) in &samples {
        let roles: &[_] =
            if *collection == Collection::People(People::Users) { &users } else { &[] };
        let deleted = DeletedObject { id: CONTACT.id, district: CONTACT.district, roles };
        let previous = previous_attributes(&json!({ "name": "before" }), object);
        for what in [Happening::Created, Happening::Updated(&previous)] {
            let (id, created) = (CONTACT.id, "2022-05-15T22:20:03.535Z");
            events.push(printed(&Event { id, collection: *collection, what, created, object }));
        }
        let (id, created, what) = (CONTACT.id, "2022-05-15T22:20:03.535Z", Happening::Deleted);
        events.push(printed(&Event {
            id,
            collection: *collection,
            what,
            created,
            object: deleted,
        }));
    }
    samples.extend(events.into_iter().map(|event| (Collection::Events, event)));
    samples
}

/// What `/me` says.
fn mes(dialect: Dialect) -> Vec<Value> {
    let grade = PersonRole { grade: Some("4"), ..STUDENT };
    let mut loud: Person<'_> = person(std::slice::from_ref(&grade));
    (loud.by_admin, loud.at_me) = (true, AtMe::Person);
    loud.name.middle = Some("E");
    let quiet = person(&[TEACHER]);
    match dialect {
        Dialect::V2(v2) => {
            vec![printed(&v2.me(&quiet, TEACHER)), printed(&v2.me(&loud, grade))]
        }
        Dialect::V3(v3) => vec![printed(&v3.me(&quiet)), printed(&v3.me(&loud))],
    }
}

/// What is valid where, and which members were seen.
struct Validator {
    schemas: Map<String, Value>,
    seen: BTreeSet<String>,
}

impl Validator {
    fn of(dialect: Dialect) -> Self {
        Self { schemas: schemas(dialect), seen: BTreeSet::new() }
    }

    /// Checks a value against a schema that stands at `place`.
    fn check(&mut self, schema: &Value, value: &Value, place: &str) -> Result<(), String> {
        let schema = schema.as_object().ok_or_else(|| format!("{place}: no schema"))?;
        let wrong = |what: &str| Err(format!("{place}: {what}: {value}"));
        for (keyword, argument) in schema {
            match keyword.as_str() {
                "$ref" => {
                    let name =
                        argument.as_str().and_then(|it| it.rsplit('/').next()).expect("name");
                    let named = self.schemas.get(name).cloned();
                    let named = named.ok_or_else(|| format!("{place}: no schema {name}"))?;
                    self.check(&named, value, name)?;
                }
                "type" if !is_of_type(argument, value) => return wrong("type"),
                "enum" if !argument.as_array().expect("words").contains(value) => {
                    return wrong("enum");
                }
                "const" if argument != value => return wrong("const"),
                "pattern" if value.as_str().is_some_and(|it| !matches_pattern(argument, it)) => {
                    return wrong("pattern");
                }
                "format" if value.as_str().is_some_and(|it| !has_format(argument, it)) => {
                    return wrong("format");
                }
                "minimum" if value.as_i64() < argument.as_i64() => return wrong("minimum"),
                "minProperties" if value.as_object().expect("object").is_empty() => {
                    return wrong("minProperties");
                }
                "required" => {
                    for name in argument.as_array().expect("names") {
                        if value.get(name.as_str().expect("name")).is_none() {
                            return wrong(&format!("{name} is missing"));
                        }
                    }
                }
                "properties" => self.check_members(schema, value, place)?,
                "additionalProperties" if argument.is_object() => {
                    for (_, value) in value.as_object().into_iter().flatten() {
                        self.check(argument, value, place)?;
                    }
                }
                "items" => {
                    for item in value.as_array().into_iter().flatten() {
                        self.check(argument, item, place)?;
                    }
                }
                "anyOf" => {
                    let schemas = argument.as_array().expect("schemas");
                    if !schemas.iter().any(|schema| self.check(schema, value, place).is_ok()) {
                        return wrong("anyOf");
                    }
                }
                "type"
                | "enum"
                | "const"
                | "pattern"
                | "format"
                | "minimum"
                | "minProperties"
                | "additionalProperties"
                | "examples" => {}
                unknown => return wrong(&format!("the validator does not know {unknown}")),
            }
        }
        Ok(())
    }

    fn check_members(
        &mut self,
        schema: &Map<String, Value>,
        value: &Value,
        place: &str,
    ) -> Result<(), String> {
        let members = schema["properties"].as_object().expect("members");
        for (name, inside) in value.as_object().into_iter().flatten() {
            let Some(known) = members.get(name) else {
                return Err(format!("{place}: {name} is not in the schema: {value}"));
            };
            let place = format!("{place}.{name}");
            self.check(known, inside, &place)?;
            self.seen.insert(place);
        }
        Ok(())
    }
}

fn is_of_type(argument: &Value, value: &Value) -> bool {
    let names = argument.as_array().cloned().unwrap_or_else(|| vec![argument.clone()]);
    names.iter().any(|name| match name.as_str().expect("type") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64(),
        "null" => value.is_null(),
        unknown => panic!("type {unknown}"),
    })
}

fn matches_pattern(pattern: &Value, text: &str) -> bool {
    if *pattern == schema::id()["pattern"] {
        return ObjectId::parse(text).is_some();
    }
    assert_eq!(*pattern, schema::day()["pattern"]);
    let numbers: Vec<_> = text.split('/').collect();
    let is_number = |it: &&str| !it.starts_with('0') && it.parse::<u16>().is_ok();
    numbers.len() == 3 && numbers.iter().all(is_number) && numbers[2].len() == 4
}

fn has_format(format: &Value, text: &str) -> bool {
    let digits = text.replace(|digit: char| digit.is_ascii_digit(), "9");
    match format.as_str().expect("format") {
        "date" => digits == "9999-99-99",
        "date-time" => digits == "9999-99-99T99:99:99.999Z",
        unknown => panic!("format {unknown}"),
    }
}

/// Every member that the schema can have, as places.
fn places(schemas: &Map<String, Value>) -> BTreeSet<String> {
    fn walk(schema: &Value, place: &str, places: &mut BTreeSet<String>) {
        for (name, inside) in schema["properties"].as_object().into_iter().flatten() {
            let place = format!("{place}.{name}");
            walk(inside, &place, places);
            places.insert(place);
        }
        if schema["items"].is_object() {
            walk(&schema["items"], place, places);
        }
    }
    let mut places = BTreeSet::new();
    for (name, schema) in schemas {
        walk(schema, name, &mut places);
    }
    places
}

#[test]
fn what_is_printed_is_what_the_document_says() {
    for dialect in Dialect::ALL {
        let mut validator = Validator::of(dialect);
        let check = |validator: &mut Validator, name: &str, value: &Value| {
            validator.check(&schema::named(name), value, "reply").unwrap_or_else(|wrong| {
                panic!("{}: {wrong}", dialect.prefix());
            });
        };
        for me in mes(dialect) {
            check(&mut validator, "MeReply", &me);
        }
        check(&mut validator, "Error", &json!({ "message": "no" }));
        for (collection, object) in everything(dialect) {
            let name = collection.schema_name();
            let links = dialect.links(collection, CONTACT.id, crate::data_api::samples::EVERYTHING);
            let single = json!({ "data": object, "links": printed(&links) });
            check(&mut validator, &format!("{name}Reply"), &single);
            for endpoint in dialect.endpoints() {
                let is_list = endpoint.target.shape() == Shape::List;
                if endpoint.target.returns() == Some(collection) && is_list {
                    let page = page_of(dialect, endpoint, collection, &object);
                    check(&mut validator, &operation::reply_name(endpoint), &page);
                }
            }
        }
        let places = places(&validator.schemas);
        let unseen: Vec<_> = places.difference(&validator.seen).collect();
        assert!(unseen.is_empty(), "{} prints nowhere {unseen:?}", dialect.prefix());
    }
}

fn page_of(
    dialect: Dialect,
    endpoint: &crate::data_api::Endpoint,
    collection: Collection,
    object: &Value,
) -> Value {
    let query = ListQuery::parse("", endpoint).expect("a query");
    let path = endpoint.at(dialect, CONTACT.id);
    let mut writer = ListWriter::new(dialect, &path, &query);
    let id = object["id"].as_str().expect("id");
    writer.add(collection, id, object).expect("prints");
    let count = endpoint.parameters.contains(&Parameter::Count).then_some(7);
    serde_json::from_slice(&writer.finish(Rest::Nothing, count).expect("prints")).expect("json")
}

#[test]
fn a_wrong_reply_is_not_what_the_document_says() {
    let dialect = Dialect::V3(crate::data_api::v3_1::DIALECT);
    let good = printed(&dialect.person_object(&full_person(FULL_ROLES), &FULL_ROLES[0]));
    let check = |value: &Value| Validator::of(dialect).check(&schema::named("User"), value, "User");
    assert_eq!(check(&good), Ok(()));
    for (pointer, wrong) in [
        ("/id", json!("62817C88DC4DC002EA40B594")),
        ("/name", json!({ "first": "Ana" })),
        ("/roles", json!({})),
        ("/roles/student/dob", json!("02/29/2012")),
        ("/roles/student/gender", Value::Null),
        ("/roles/student/ext/bus", json!(7)),
        ("/roles/student/location", json!({ "address": "", "city": "", "state": "" })),
        ("/roles/teacher", json!({ "legacy_id": CONTACT.id, "dob": null })),
        ("/roles/student/disability/disability_code", json!("none")),
        ("/created", json!("2022-05-15")),
    ] {
        let mut value = good.clone();
        *value.pointer_mut(pointer).expect(pointer) = wrong;
        assert!(check(&value).is_err(), "{pointer}");
    }
}

/// Every name that the document refers to, as a pointer into it.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value.as_str().filter(|_| name == "$ref") {
                    Some(to) => drop(found.insert(to.trim_start_matches('#').to_owned())),
                    None => references(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn a_document_has_everything_that_it_refers_to_and_nothing_else() {
    for dialect in Dialect::ALL {
        let document = document(dialect, "https://api.firstbell.example");
        let mut used = BTreeSet::new();
        references(&document, &mut used);
        for name in &used {
            assert!(document.pointer(name).is_some(), "{name}");
        }
        for group in ["headers", "responses", "schemas"] {
            for name in document["components"][group].as_object().expect(group).keys() {
                assert!(used.contains(&format!("/components/{group}/{name}")), "{group} {name}");
            }
        }
    }
}

#[test]
fn a_document_has_every_endpoint_under_a_name_of_its_own() {
    for dialect in Dialect::ALL {
        let document = document(dialect, "https://api.firstbell.example");
        let paths = document["paths"].as_object().expect("paths");
        assert_eq!(paths.len(), dialect.endpoints().len());
        let names: BTreeSet<_> = paths
            .values()
            .map(|path| path["get"]["operationId"].as_str().expect("a name"))
            .collect();
        assert_eq!(names.len(), paths.len(), "{names:?}");
    }
    let v3_1 = document(Dialect::V3(crate::data_api::v3_1::DIALECT), "https://api.example");
    assert_eq!(v3_1["servers"], json!([{ "url": "https://api.example" }]));
    let users = &v3_1["paths"]["/v3.1/schools/{id}/users"]["get"];
    assert_eq!(users["operationId"], "getUsersForSchool");
    assert_eq!(users["summary"], "The users of one of the schools");
    let names = users["parameters"].as_array().expect("parameters").iter();
    let names: Vec<_> = names.map(|it| it["name"].as_str().expect("a name")).collect();
    assert_eq!(names, ["id", "limit", "starting_after", "ending_before", "role", "primary"]);
    let statuses: Vec<_> = users["responses"].as_object().expect("responses").keys().collect();
    assert_eq!(statuses, ["200", "400", "401", "403", "404", "413", "429"]);
    let too_many = &v3_1["components"]["responses"]["429"];
    assert!(too_many.get("content").is_none() && too_many.get("headers").is_some());
    let me = &v3_1["paths"]["/v3.1/me"]["get"];
    let statuses: Vec<_> = me["responses"].as_object().expect("responses").keys().collect();
    assert_eq!(statuses, ["200", "401", "403", "429"]);
}
