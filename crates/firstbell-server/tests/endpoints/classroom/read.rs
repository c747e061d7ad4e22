//! What tokens of the Classroom tier read.

use firstbell_core::application::{ConnectionState, Sharing, SharingRule};
use firstbell_core::roster::RoleKind;
use firstbell_roster::sandbox::people;
use http::StatusCode;
use serde_json::{Value, json};

use super::museum::{connect, register, say, token, token_of};
use crate::world::{World, ana, of_several_roles, teacher, worlds};

const MATH: &str = "Math 4, period 2";
const READING: &str = "Reading 4, period 3";

/// What a token reads, and whose it is.
struct Reader<'w> {
    world: &'w World,
    token: String,
    user: String,
    role: String,
}

impl<'w> Reader<'w> {
    async fn new(world: &'w World, token: String) -> Self {
        let id = async |path: &str| {
            let me = world.get_with_token(path, &token).await.json();
            me["data"]["id"].as_str().unwrap().to_owned()
        };
        let (user, role) = (id("/v3.0/me").await, id("/v2.1/me").await);
        Self { world, token, user, role }
    }

    async fn json(&self, path: &str) -> Value {
        let reply = self.world.get_with_token(path, &self.token).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.body);
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        reply.json()
    }

    async fn must_not_read(&self, path: &str) {
        let reply = self.world.get_with_token(path, &self.token).await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{path}: {}", reply.body);
        assert_eq!(reply.body, r#"{"message":"Resource not in token's scopes"}"#);
    }
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

async fn grace(world: &World) -> Reader<'_> {
    let arrived = connect(&mut world.browser(), teacher(), &[MATH, READING]).await;
    Reader::new(world, token(world, &arrived).await).await
}

#[tokio::test]
async fn the_seeds_fields_of_a_teacher() {
    for world in worlds().await {
        register(&world).await;
        let grace = grace(&world).await;
        let name = json!({"first": "Grace", "last": "Moreno"});
        let district = world.district.to_string();
        for dialect in ["v2.0", "v2.1"] {
            let me = grace.json(&format!("/{dialect}/me")).await;
            let (role, path) = (&grace.role, format!("/{dialect}/teachers/{}", grace.role));
            assert_eq!(
                me,
                json!({
                    "type": "teacher",
                    "data": {
                        "id": role, "district": district, "type": "teacher",
                        "authorized_by": "teacher", "name": name, "email": teacher().email,
                    },
                    "links": [
                        {"rel": "self", "uri": "/me"},
                        {"rel": "canonical", "uri": path},
                        {"rel": "district", "uri": format!("/{dialect}/districts/{district}")},
                    ],
                })
            );
            let own = grace.json(&path).await;
            assert_eq!(
                own["data"],
                json!({"id": role, "district": district, "name": name, "email": teacher().email})
            );
        }
        for dialect in ["v3.0", "v3.1"] {
            let me = grace.json(&format!("/{dialect}/me")).await;
            assert_eq!(
                me["data"],
                json!({
                    "id": grace.user, "district": district, "type": "user",
                    "authorized_by": "teacher",
                })
            );
            let own = grace.json(me["links"][1]["uri"].as_str().unwrap()).await;
            let roles = json!({"teacher": {"legacy_id": grace.role, "schools": []}});
            assert_eq!(
                own["data"],
                json!({
                    "id": grace.user, "district": district, "name": name,
                    "email": teacher().email, "roles": roles,
                })
            );
        }
        for path in ["/me", "/v2.0/me"] {
            assert_eq!(grace.json(path).await["data"]["id"], grace.role.as_str());
        }
    }
}

#[tokio::test]
async fn the_sections_that_she_shares_with_the_ids_of_each_dialect() {
    for world in worlds().await {
        register(&world).await;
        let grace = grace(&world).await;
        let amara = world.person(of_several_roles()).await;
        let amara_teaches = amara.role(RoleKind::Teacher).unwrap().id.to_string();
        for (dialect, own, other, path) in [
            ("v2.0", &grace.role, &amara_teaches, format!("teachers/{}", grace.role)),
            ("v2.1", &grace.role, &amara_teaches, format!("teachers/{}", grace.role)),
            ("v3.0", &grace.user, &amara.id.to_string(), format!("users/{}", grace.user)),
            ("v3.1", &grace.user, &amara.id.to_string(), format!("users/{}", grace.user)),
        ] {
            let path = format!("/{dialect}/{path}/sections");
            let list = grace.json(&path).await;
            assert_eq!(keys(&list), ["data", "links"]);
            assert_eq!(list["links"], json!([{"rel": "self", "uri": path}]));
            let items = list["data"].as_array().unwrap();
            let mut names: Vec<_> = items.iter().map(|it| &it["data"]["name"]).collect();
            names.sort_by_key(|name| name.as_str());
            assert_eq!(names, [MATH, READING], "Homeroom is not shared");
            for item in items {
                assert_eq!(keys(item), ["data", "uri"]);
                let section = &item["data"];
                let id = section["id"].as_str().unwrap();
                assert_eq!(item["uri"], format!("/{dialect}/sections/{id}"));
                let fields = [
                    "district", "grade", "id", "name", "students", "subject", "teacher", "teachers",
                ];
                assert_eq!(keys(section), fields);
                assert_eq!(section["grade"], "4");
                assert_eq!(&section["teacher"], own);
                let taught_with = section["name"] == READING;
                let teachers = if taught_with { json!([own, other]) } else { json!([own]) };
                assert_eq!(section["teachers"], teachers);
                let alone = grace.json(item["uri"].as_str().unwrap()).await;
                assert_eq!(&alone["data"], section, "the same by its own address");
            }
        }
    }
}

#[tokio::test]
async fn students_are_a_first_name_an_initial_and_a_grade() {
    for world in worlds().await {
        register(&world).await;
        let grace = grace(&world).await;
        let list = grace.json(&format!("/v2.1/teachers/{}/sections", grace.role)).await;
        let section = list["data"][0]["data"].clone();
        let id = section["id"].as_str().unwrap();
        let known = world.person(ana()).await;
        let role = known.roles[0].id.to_string();

        for dialect in ["v2.0", "v2.1"] {
            let path = format!("/{dialect}/sections/{id}/students");
            let students = grace.json(&path).await;
            assert_eq!(students["links"], json!([{"rel": "self", "uri": path}]));
            let items = students["data"].as_array().unwrap();
            let ids: Vec<_> = items.iter().map(|item| item["data"]["id"].clone()).collect();
            assert_eq!(json!(ids), section["students"], "the same ids in the same order");
            let found = items.iter().find(|item| item["data"]["id"] == role.as_str()).unwrap();
            assert_eq!(
                found,
                &json!({
                    "data": {
                        "id": role, "district": world.district.to_string(), "grade": "4",
                        "name": {"first": "Ana", "last": "N"},
                    },
                    "uri": format!("/{dialect}/students/{role}"),
                })
            );
        }
        for dialect in ["v3.0", "v3.1"] {
            let path = format!("/{dialect}/sections/{id}/users");
            let all = grace.json(&path).await;
            let learn = grace.json(&format!("{path}?role=student&limit=1&unknown=x")).await;
            let teach = grace.json(&format!("{path}?role=teacher")).await;
            let count = |list: &Value| list["data"].as_array().unwrap().len();
            assert_eq!(count(&learn), section["students"].as_array().unwrap().len());
            assert_eq!(count(&all), count(&learn) + 1);
            let self_uri = format!("{path}?role=student");
            assert_eq!(learn["links"], json!([{"rel": "self", "uri": self_uri}]));
            assert_eq!(count(&teach), 1, "other teachers have agreed to nothing");
            assert_eq!(teach["data"][0]["data"]["id"], grace.user.as_str());
            let user = known.id.to_string();
            let items = learn["data"].as_array().unwrap();
            let found = items.iter().find(|item| item["data"]["id"] == user.as_str()).unwrap();
            let student = json!({"legacy_id": role, "grade": "4", "schools": []});
            assert_eq!(
                found,
                &json!({
                    "data": {
                        "id": user, "district": world.district.to_string(),
                        "name": {"first": "Ana", "last": "N"}, "roles": {"student": student},
                    },
                    "uri": format!("/{dialect}/users/{user}"),
                })
            );
            let staff = format!("{path}?role=staff");
            let reply = world.get_with_token(&staff, &grace.token).await;
            assert_eq!(reply.status, StatusCode::BAD_REQUEST);
        }
        let doubled = format!("/v2.1/students/{role}");
        grace.must_not_read(&doubled).await;
    }
}

#[tokio::test]
async fn a_student_reads_herself_and_her_shared_classes() {
    for world in worlds().await {
        register(&world).await;
        let grace = grace(&world).await;
        let ana = Reader::new(&world, token_of(&world, ana()).await).await;
        let me = ana.json("/v2.0/me").await;
        assert_eq!(me["data"]["name"], json!({"first": "Ana", "last": "N"}));
        assert_eq!(me["data"]["grade"], "4");
        assert_eq!(me["data"].get("email"), None);
        let own = ana.json(&format!("/v2.1/students/{}", ana.role)).await;
        assert_eq!(keys(&own["data"]), ["district", "grade", "id", "name"]);
        ana.json(&format!("/v3.1/users/{}", ana.user)).await;

        for (path, own_id) in [
            (format!("/v2.0/students/{}/sections", ana.role), &ana.role),
            (format!("/v3.0/users/{}/sections", ana.user), &ana.user),
        ] {
            let list = ana.json(&path).await;
            let items = list["data"].as_array().unwrap();
            assert_eq!(items.len(), 2, "the ones that are shared");
            for item in items {
                assert_eq!(item["data"]["students"], json!([own_id]), "no classmates");
                let uri = item["uri"].as_str().unwrap();
                assert_eq!(ana.json(uri).await["data"], item["data"]);
                let who = if uri.starts_with("/v2") { "students" } else { "users" };
                ana.must_not_read(&format!("{uri}/{who}")).await;
            }
        }
        ana.must_not_read(&format!("/v2.1/teachers/{}/sections", grace.role)).await;
        ana.must_not_read(&format!("/v3.1/users/{}", grace.user)).await;
        ana.must_not_read(&format!("/v3.1/users/{}/sections", grace.user)).await;
        ana.must_not_read(&format!("/v2.1/teachers/{}/sections", ana.role)).await;
    }
}

#[tokio::test]
async fn the_district_is_an_id_and_no_more() {
    for world in worlds().await {
        register(&world).await;
        let grace = grace(&world).await;
        for dialect in ["v2.0", "v2.1", "v3.0", "v3.1"] {
            let id = world.district.to_string();
            let district = grace.json(&format!("/{dialect}/districts/{id}")).await;
            assert_eq!(district["data"], json!({"id": id}));
        }
    }
}

#[tokio::test]
async fn sections_that_she_does_not_share_are_as_if_they_were_not() {
    for world in worlds().await {
        register(&world).await;
        let grace = grace(&world).await;
        let arrived = connect(&mut world.browser(), of_several_roles(), &["Art, period 6"]).await;
        let amara = Reader::new(&world, token(&world, &arrived).await).await;
        let list = amara.json(&format!("/v2.1/teachers/{}/sections", amara.role)).await;
        // Both teach Reading 4, which Grace alone shares.
        assert_eq!(list["data"].as_array().unwrap().len(), 1, "what she herself shares");
        let art = list["data"][0]["data"]["id"].as_str().unwrap();
        let nobody = "0".repeat(24);
        for id in [art, nobody.as_str()] {
            for path in [
                format!("/v2.0/sections/{id}"),
                format!("/v2.1/sections/{id}/students"),
                format!("/v3.0/sections/{id}"),
                format!("/v3.1/sections/{id}/users"),
            ] {
                grace.must_not_read(&path).await;
            }
        }
        let reply = world.get_with_token("/v2.1/sections/nonsense", &grace.token).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn under_a_district_its_rules_hold_in_the_class_too() {
    for world in worlds().await {
        let museum = register(&world).await;
        let grace = grace(&world).await;
        let path = format!("/v2.1/teachers/{}/sections", grace.role);
        let both = grace.json(&path).await;
        let items = both["data"].as_array().unwrap();
        let math = items.iter().find(|it| it["data"]["name"] == MATH).unwrap();
        let id = math["data"]["id"].as_str().unwrap();
        let teachers = SharingRule { roles: Some(vec![RoleKind::Teacher]), ..Default::default() };
        let one = SharingRule { sections: Some(vec![id.parse().unwrap()]), ..Default::default() };

        let rules = Sharing { rules: vec![one], all_staff: false, ..Sharing::default() };
        say(&world, museum, ConnectionState::Active, rules).await;
        let list = grace.json(&path).await;
        assert_eq!(list["data"], json!([math]), "one section is shared");

        let rules = Sharing { rules: vec![teachers], all_staff: false, ..Sharing::default() };
        say(&world, museum, ConnectionState::Active, rules).await;
        let list = grace.json(&path).await;
        assert_eq!(list["data"].as_array().unwrap().len(), 3);
        for item in list["data"].as_array().unwrap() {
            assert_eq!(item["data"]["students"], json!([]), "no student is shared");
        }
        let students = grace.json(&format!("/v2.1/sections/{id}/students")).await;
        assert_eq!(students["data"], json!([]));
    }
}

#[tokio::test]
async fn tokens_of_other_tiers_read_no_sections() {
    use firstbell_core::sharing::AccessTier;
    for world in worlds().await {
        for tier in [AccessTier::DistrictSso, AccessTier::SecureSync] {
            world.change_flightschool(move |it| it.tier = tier).await;
            let grace = Reader::new(&world, world.token_of(teacher()).await).await;
            let id = "0".repeat(24);
            for path in [
                format!("/v2.0/teachers/{}/sections", grace.role),
                format!("/v2.1/sections/{id}"),
                format!("/v2.1/sections/{id}/students"),
                format!("/v3.0/users/{}/sections", grace.user),
                format!("/v3.1/sections/{id}"),
                format!("/v3.1/sections/{id}/users"),
            ] {
                grace.must_not_read(&path).await;
            }
            for dialect in ["v2.0", "v2.1", "v3.0", "v3.1"] {
                let me = grace.json(&format!("/{dialect}/me")).await;
                assert_eq!(me["data"].get("name"), None, "names are at the canonical address");
                let own = grace.json(me["links"][1]["uri"].as_str().unwrap()).await;
                assert_eq!(own["data"]["name"]["last"], "Moreno");
                assert!(own["data"]["created"].is_string());
                grace.json(me["links"][2]["uri"].as_str().unwrap()).await;
            }
        }
    }
}

#[tokio::test]
async fn each_dialect_has_its_paths_and_says_so_in_json() {
    for world in worlds().await {
        let grace = Reader::new(&world, world.token_of(teacher()).await).await;
        for path in [
            format!("/v2.0/users/{}", grace.user),
            format!("/v3.1/teachers/{}", grace.role),
            "/v2.2/me".to_owned(),
            "/v3.1/pupils".to_owned(),
        ] {
            let reply = world.get_with_token(&path, &grace.token).await;
            assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(reply.json(), json!({"message": "Resource not found"}));
        }
        let staff = world.token_of(&people::ROSA_DELGADO).await;
        let me = world.get_with_token("/v2.0/me", &staff).await.json();
        assert_eq!(me["data"]["type"], "school_admin");
        let uri = me["links"][1]["uri"].as_str().unwrap().to_owned();
        assert!(uri.starts_with("/v2.0/school_admins/"), "{uri}");
        let own = world.get_with_token(&uri, &staff).await;
        assert_eq!(own.status, StatusCode::OK);
    }
}
