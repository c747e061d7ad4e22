//! What keeps an export out, each provoked: the fault, the place, and nothing else.

use super::{one_one, one_two};
use crate::files::Files;
use crate::refusals::{Case, case};

pub fn cases() -> Vec<Case> {
    [manifest_cases(), record_cases(), reference_cases(), cell_cases()]
        .into_iter()
        .flatten()
        .collect()
}

fn manifest_cases() -> Vec<Case> {
    let say = |from: &str, to: &str| one_one().replaced("manifest.csv", from, to);
    vec![
        case(&["R115 manifest.csv:3 value \"2.0\""], say("version,1.1", "version,2.0")),
        case(&["R115 manifest.csv"], say("oneroster.version,1.1\n", "")),
        case(&["R115 manifest.csv:3 value"], say("version,1.1", "version,")),
        case(&["R116 users.csv"], say("file.users,bulk", "file.users,delta")),
        case(
            &["R117 manifest.csv:6 \"classes.csv\""],
            say("file.classes,bulk", "file.classes,absent"),
        ),
        case(
            &["R118 manifest.csv:6 value \"most\""],
            say("file.classes,bulk", "file.classes,most"),
        ),
        case(&["R102 orgs.csv"], one_one().without("orgs.csv")),
        case(&["R102 demographics.csv"], one_one().without("demographics.csv")),
        case(&["R102 roles.csv"], one_two().without("roles.csv")),
        case(&["R103 users.csv"], one_one().with("USERS.csv", "x")),
        case(&["R301 users.csv:1 role"], one_one().replaced("users.csv", ",role,", ",roll,")),
    ]
}

fn record_cases() -> Vec<Case> {
    let user = |row: &str| one_one().and("users.csv", row);
    vec![
        case(
            &["R503 orgs.csv:6 sourcedId \"s1\""],
            one_one().and("orgs.csv", "s1,active,,Again,school,,,\n"),
        ),
        case(
            &["R503 users.csv:12 sourcedId \"p1\""],
            user("p1,active,,true,s1,student,z,,A,B,,,,,,,,\n"),
        ),
        case(
            &["R503 classes.csv:4 sourcedId \"c1\""],
            one_one().and("classes.csv", "c1,active,,X,,,,,,s1,,,,\n"),
        ),
        case(
            &["R503 courses.csv:4 sourcedId \"k1\""],
            one_one().and("courses.csv", "k1,active,,,X,,,,,\n"),
        ),
        case(
            &["R503 resources.csv:4 sourcedId \"r1\""],
            one_one().and("resources.csv", "r1,active,,v,X,,,,\n"),
        ),
        case(
            &["R516 orgs.csv:6 parentSourcedId \"s3\""],
            one_one().and("orgs.csv", "s3,active,,East,school,,s3,\n"),
        ),
        case(
            &["R516 orgs.csv:6 parentSourcedId \"s4\"", "R516 orgs.csv:7 parentSourcedId \"s3\""],
            one_one().and("orgs.csv", "s3,active,,A,school,,s4,\ns4,active,,B,school,,s3,\n"),
        ),
        case(
            &["R516 users.csv:12 agentSourcedIds \"u1\""],
            user("u1,active,,true,s1,student,u1,,A,B,,,,,,u1,,\n"),
        ),
    ]
}

fn reference_cases() -> Vec<Case> {
    let user = |row: &str| one_one().and("users.csv", row);
    let enrolled = |row: &str| one_one().and("enrollments.csv", row);
    vec![
        case(
            &["R520 classes.csv:4 schoolSourcedId \"d1\""],
            one_one().and("classes.csv", "c3,active,,X,,k1,,,,d1,t1,,,\n"),
        ),
        case(
            &[
                "R507 classes.csv:4 schoolSourcedId \"zs\"",
                "R507 classes.csv:4 courseSourcedId \"zk\"",
                "R507 classes.csv:4 termSourcedIds \"zt\"",
            ],
            one_one().and("classes.csv", "c3,active,,X,,zk,,,,zs,zt,,,\n"),
        ),
        case(
            &[
                "R507 enrollments.csv:10 classSourcedId \"zc\"",
                "R507 enrollments.csv:10 userSourcedId \"zu\"",
            ],
            enrolled("n9,active,,zc,s1,zu,student,,,\n"),
        ),
        case(
            &["R507 enrollments.csv:10 schoolSourcedId \"zs\""],
            enrolled("n9,active,,c1,zs,p2,student,,,\n"),
        ),
        case(
            &["R507 users.csv:12 orgSourcedIds \"s1,zz\""],
            user("u1,active,,true,\"s1,zz\",student,u1,,A,B,,,,,,,,\n"),
        ),
        case(
            &["R507 roles.csv:13 userSourcedId \"zu\""],
            one_two().and("roles.csv", "o9,active,,zu,primary,teacher,,,s1,\n"),
        ),
        case(
            &["R507 roles.csv:13 orgSourcedId \"zz\""],
            one_two().and("roles.csv", "o9,active,,p1,primary,teacher,,,zz,\n"),
        ),
        case(
            &["R507 demographics.csv:5 sourcedId \"zu\""],
            one_one().and("demographics.csv", "zu,active,,,,,,,,,,,\n"),
        ),
        case(
            &["R507 courseResources.csv:3 courseSourcedId \"zk\""],
            one_one().and("courseResources.csv", "q9,active,,,zk,r1\n"),
        ),
        case(
            &["R507 classResources.csv:4 resourceSourcedId \"zr\""],
            one_one().and("classResources.csv", "q9,active,,,c1,zr\n"),
        ),
    ]
}

fn cell_cases() -> Vec<Case> {
    let user = |row: &str| one_one().and("users.csv", row);
    let enrolled = |row: &str| one_one().and("enrollments.csv", row);
    vec![
        case(
            &["R405 enrollments.csv:10 endDate \"soon\""],
            enrolled("n9,active,,c1,s1,p2,student,,,soon\n"),
        ),
        case(
            &["R405 academicSessions.csv:4 startDate \"2026-02-30\""],
            one_one().and("academicSessions.csv", "t2,active,,X,term,2026-02-30,,,\n"),
        ),
        case(
            &["R406 users.csv:12 email \"none\""],
            user("u1,active,,true,s1,student,u1,,A,B,,,none,,,,,\n"),
        ),
        case(
            &["R601 users.csv:12 username \"ANA\""],
            user("u1,active,,true,s1,student,ANA,,A,B,,,,,,,,\n"),
        ),
        case(
            &["R402 users.csv:12 familyName"],
            user("u1,active,,true,s1,student,u1,,A,,,,,,,,,\n"),
        ),
        case(&["R501 orgs.csv"], without_schools()),
    ]
}

fn without_schools() -> Files {
    let header = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\n";
    let only = |files: Files, name: &str| {
        let text = String::from_utf8(files.0[name].clone()).expect("text");
        let header = text.lines().next().unwrap_or_default().to_owned();
        files.with(name, header)
    };
    let names = ["users.csv", "classes.csv", "enrollments.csv", "demographics.csv"];
    let more = ["courseResources.csv", "classResources.csv"];
    let files = names.into_iter().chain(more).fold(one_one(), only);
    files.with("orgs.csv", format!("{header}d1,active,,Ada,district,,\n"))
}
