//! OneRoster: the same district in both versions, and what its files become.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::files::Files;

mod merge;
pub mod reads;
pub mod refusals;

const MANIFEST: &str = "propertyName,value\nmanifest.version,1.0\noneroster.version,VERSION\n\
                        file.academicSessions,bulk\nfile.categories,absent\nfile.classes,bulk\n\
                        file.classResources,bulk\nfile.courses,bulk\nfile.courseResources,bulk\n\
                        file.demographics,bulk\nfile.enrollments,bulk\nfile.orgs,bulk\n\
                        file.resources,bulk\nfile.results,absent\nfile.users,bulk\n";

const COMMON: [(&str, &str); 9] = [
    (
        "orgs.csv",
        "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId,metadata.color\n\
         d1,active,,Ada Unified,district,D,,\n\
         s1,active,,North,school,10,d1,blue\n\
         s2,active,,South,school,,d1,\n\
         s2a,active,,South arts,department,,s2,\n",
    ),
    (
        "academicSessions.csv",
        "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear\n\
         y1,active,,2026-2027,schoolYear,2026-08-17,2027-06-11,,2027\n\
         t1,active,,Fall,semester,2026-08-17,2026-12-18,y1,2027\n",
    ),
    (
        "courses.csv",
        "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,\
         orgSourcedId,subjects,subjectCodes\n\
         k1,active,,y1,Math,M4,04,d1,Math,\n\
         k2,active,,y1,Art,A,,d1,Art,\n",
    ),
    (
        "demographics.csv",
        "sourcedId,status,dateLastModified,birthDate,sex,americanIndianOrAlaskaNative,asian,\
         blackOrAfricanAmerican,nativeHawaiianOrOtherPacificIslander,white,\
         demographicRaceTwoOrMoreRaces,hispanicOrLatinoEthnicity,countryOfBirthCode\n\
         p1,active,,2016-02-03,female,false,true,false,false,false,false,true,US\n\
         p2,active,,2015-05-06,male,false,true,false,false,true,false,false,US\n\
         e1,active,,1980-05-06,female,false,false,false,false,true,false,false,US\n",
    ),
    (
        "classes.csv",
        "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,\
         location,schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods\n\
         c1,active,,Math 4,04,k1,M4-1,scheduled,12,s1,\"t1,y1\",Math,,1\n\
         c2,active,,Art,\"04,05\",k2,,scheduled,,s2,y1,Art,,\"2,3\"\n",
    ),
    (
        "enrollments.csv",
        "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,\
         primary,beginDate,endDate\n\
         n1,active,,c1,s1,p1,student,false,2026-08-17,2026-12-18\n\
         n2,active,,c1,s1,e2,teacher,false,,\n\
         n3,active,,c1,s1,e1,teacher,true,,\n\
         n4,active,,c2,s2,p2,student,,,\n\
         n5,active,,c2,s2,e2,teacher,,,\n\
         n6,active,,c1,s1,p2,student,,2026-08-17,2026-09-14\n\
         n7,active,,c2,s2,p1,student,,2026-09-16,\n\
         n8,active,,c1,s1,a1,administrator,,,\n",
    ),
    (
        "resources.csv",
        "sourcedId,status,dateLastModified,vendorResourceId,title,roles,importance,vendorId,\
         applicationId\n\
         r1,active,,v1,Atlas,\"student,teacher\",primary,,\n\
         r2,active,,v2,,teacher,,,\n",
    ),
    (
        "courseResources.csv",
        "sourcedId,status,dateLastModified,title,courseSourcedId,resourceSourcedId\n\
         q1,active,,,k1,r1\n",
    ),
    (
        "classResources.csv",
        "sourcedId,status,dateLastModified,title,classSourcedId,resourceSourcedId\n\
         q2,active,,,c2,r1\nq3,active,,,c2,r2\n",
    ),
];

const USERS: [&str; 10] = [
    "p1,active,,true,ORGS:s1,ROLE:student,ana,,Ana,Núñez,Mae,1001,ana@s.example,,,g1,04,maple",
    "p2,active,,true,\"ORGS:s2,s1\",ROLE:student,bo,,Bo,Lee,,1002,,,,\"g1,g2\",KG,",
    "e1,active,,true,ORGS:s1,ROLE:teacher,tea,,Tea,Moreno,,77,tea@d.example,,,,,",
    "e2,active,,true,ORGS:s2a,ROLE:aide,tom,,Tom,Idle,,,tom@d.example,,,,,oak",
    "a1,active,,true,ORGS:s1,ROLE:administrator,sam,,Sam,Rivers,,S9,sam@d.example,,,,,",
    "a2,active,,true,ORGS:d1,ROLE:districtAdministrator,lin,,Lin,Zhou,,,lin@d.example,,,,,",
    "g1,active,,false,ORGS:,ROLE:parent,,,Eva,Núñez,,,eva@x.example,555-1,,,,",
    "g2,active,,true,ORGS:,ROLE:guardian,,,Gus,Lee,,,,,555-2,p2,,",
    "x1,tobedeleted,,true,ORGS:s1,ROLE:student,gone,,Gone,Girl,,,,,,,04,",
    "x2,active,,false,ORGS:s1,ROLE:student,off,,Off,Limits,,,,,,,04,",
];

/// The district as 1.1 tells it: a user's role stands with the user.
pub fn one_one() -> Files {
    let mut users = "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,\
                     userIds,givenName,familyName,middleName,identifier,email,sms,phone,\
                     agentSourcedIds,grades,password\n"
        .to_owned();
    for row in USERS {
        users.push_str(&row.replace("ORGS:", "").replace("ROLE:", ""));
        users.push('\n');
    }
    district("1.1").with("users.csv", users)
}

/// The district as 1.2 tells it: a user's roles are rows of their own.
pub fn one_two() -> Files {
    let mut users = "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,\
                     familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,\
                     password\n"
        .to_owned();
    let mut roles = "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,\
                     endDate,orgSourcedId,userProfileSourcedId\n"
        .to_owned();
    for row in USERS {
        let (before, rest) = row.split_once("ORGS:").expect("organisations");
        let (orgs, rest) = rest.split_once(",ROLE:").expect("a role");
        let (role, after) = rest.split_once(',').expect("more cells");
        let role = if role == "administrator" { "siteAdministrator" } else { role };
        let user = before.split(',').next().unwrap_or_default();
        writeln!(users, "{}{after}", before.trim_end_matches('"')).expect("text");
        let orgs = orgs.trim_end_matches('"');
        let orgs = if orgs.is_empty() { "d1" } else { orgs };
        for (nth, org) in orgs.split(',').enumerate() {
            let rank = if nth == 0 { "primary" } else { "secondary" };
            writeln!(roles, "o{user}{nth},active,,{user},{rank},{role},,,{org},").expect("text");
        }
    }
    let manifest = format!("{}file.roles,bulk\n", MANIFEST.replace("VERSION", "1.2"));
    district("1.2").with("users.csv", users).with("roles.csv", roles).with("manifest.csv", manifest)
}

fn district(version: &str) -> Files {
    let file = |(name, text): (&str, &str)| (name.to_owned(), text.as_bytes().to_vec());
    let files: BTreeMap<_, _> = COMMON.into_iter().map(file).collect();
    Files(files).with("manifest.csv", MANIFEST.replace("VERSION", version))
}

/// Both versions, by name.
pub fn both() -> [(&'static str, Files); 2] {
    [("1.1", one_one()), ("1.2", one_two())]
}
