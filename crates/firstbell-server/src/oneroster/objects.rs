//! From what is seen of a record to the standard's objects. No member is chosen here that the reader
//! does not tell.

use firstbell_core::application::DataGroup;
use firstbell_core::id::{CourseId, RoleId, SchoolId, TermId};
use firstbell_core::roster::{District, Email, PersonName, RoleKind};
use firstbell_core::sharing::{Member, PersonSeen, RoleSeen};
use firstbell_protocol::oneroster::{Collection, PREFIX};
use firstbell_roster::write::{common_grade, contact_word, cut_name, role_word, said_of_origin};
use firstbell_store::{Seek, StoreError};
use serde_json::{Map, Value, json};

use crate::data_api::{ContactSeen, Reader, Record, SectionSeen, Source, fetch_read};

type ReadResult<T> = Result<T, StoreError>;

/// Where an object stands in a list: ascending keys are ascending ids.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ObjectKey {
    /// The record that it tells of; of the district, which stands before its schools, all zeros.
    pub record: [u8; 12],
    /// Which part of that, where a record makes several objects.
    pub part: Option<[u8; 12]>,
}

/// An object of a reply.
pub(super) struct Object {
    /// Its `sourcedId`.
    pub id: String,
    pub key: ObjectKey,
    /// All its members.
    pub members: Map<String, Value>,
}

/// What all objects of a reply share.
pub(super) struct Printer<'p> {
    /// What stands before our paths.
    pub base: &'p str,
    pub district: &'p District,
    /// When the roster was made: what has no date of its own changed then at the latest.
    pub made: &'p str,
}

impl Printer<'_> {
    /// The objects of a collection that a record makes, as far as it is seen.
    pub fn objects(
        &self,
        reader: &mut Reader<'_, '_, '_, '_>,
        collection: Collection,
        record: &Record,
    ) -> ReadResult<Vec<Object>> {
        let mut objects = match record {
            Record::School(_) | Record::Term(_) | Record::Course(_) => {
                if reader.sees(record)? {
                    self.place(reader, record).into_iter().collect()
                } else {
                    vec![]
                }
            }
            Record::Section(room) => match reader.section(room)? {
                None => vec![],
                Some(seen) if collection == Collection::Enrollments => self.enrollments(&seen),
                Some(seen) => vec![self.class(reader, &seen)],
            },
            Record::User(stored) => match reader.person(&stored.person)? {
                Some(seen) => self.person(reader, collection, &seen)?.into_iter().collect(),
                None => vec![],
            },
            Record::ContactUser(contact) => match reader.contact(contact)? {
                Some(seen) if collection == Collection::Users => vec![self.contact(&seen)],
                _ => vec![],
            },
            _ => vec![],
        };
        for object in &mut objects {
            object.key.record = record.key();
        }
        Ok(objects)
    }

    /// Where a token of any scope that reads rosters finds an object.
    fn reference(&self, path: &str, id: &str, kind: &str) -> Value {
        let href = format!("{}{PREFIX}/{path}/{id}", self.base);
        json!({ "href": href, "sourcedId": id, "type": kind })
    }

    fn district_reference(&self) -> Value {
        self.reference("orgs", &self.district.id.hex(), "org")
    }

    /// The district, above the schools that are seen.
    pub fn top(&self, reader: &mut Reader<'_, '_, '_, '_>) -> ReadResult<Object> {
        let mut object = Object::of(&self.district.id.hex(), self.made);
        object.put("name", self.district.name.as_str());
        object.put("type", "district");
        let mut schools = Vec::new();
        let mut seek = Seek::First;
        loop {
            reader.go_on()?;
            let records = fetch_read(reader.roster(), &Source::Schools(None), seek, 500)?;
            let Some(last) = records.last() else { break };
            seek = Seek::After(last.key());
            for record in &records {
                if let Record::School(school) = record
                    && reader.sees(record)?
                {
                    schools.push(self.reference("orgs", &school.record.id.hex(), "org"));
                }
            }
        }
        object.put("children", schools);
        Ok(object)
    }

    fn place(&self, reader: &Reader<'_, '_, '_, '_>, record: &Record) -> Option<Object> {
        Some(match record {
            Record::School(school) => {
                let (id, modified) = (school.record.id.hex(), school.last_modified.to_string());
                let mut object = Object::of(&id, &modified);
                object.put("name", school.record.name.as_str());
                object.put("type", "school");
                object.put("identifier", school.record.number.as_str());
                object.put("parent", self.district_reference());
                object.put_extensions(&reader.facts_of_place(&school.record.details));
                object
            }
            Record::Term(term) => {
                let mut object = Object::of(&term.id.hex(), self.made);
                let end = term.end_date.as_deref();
                let year = end.or(term.start_date.as_deref()).and_then(|date| date.get(..4));
                object.put("title", term.name.as_str());
                object.put("type", "term");
                object.put_known("startDate", term.start_date.as_deref());
                object.put_known("endDate", end);
                object.put_known("schoolYear", year);
                object
            }
            Record::Course(course) => {
                let mut object = Object::of(&course.id.hex(), self.made);
                object.put("title", course.name.as_str());
                object.put_known("courseCode", Some(&course.number));
                object.put("org", self.district_reference());
                object
            }
            _ => return None,
        })
    }

    fn class(&self, reader: &Reader<'_, '_, '_, '_>, seen: &SectionSeen<'_>) -> Object {
        let section = &seen.room.record.section;
        let mut object = Object::of(&section.id.hex(), &seen.room.last_modified.to_string());
        let facts = reader.facts_of_place(&section.details);
        let fact = |name| fact(&facts, name);
        object.put("title", section.name.as_str());
        object.put_known("classCode", fact("section_number"));
        object.put("classType", "scheduled");
        object.put_list("grades", fact("grade").map(|grade| common_grade(grade).unwrap_or(grade)));
        object.put_list("subjects", fact("subject"));
        if let Some(course) = section.course.map(CourseId::hex) {
            object.put("course", self.reference("courses", &course, "course"));
        }
        object.put("school", self.reference("orgs", &section.school.hex(), "org"));
        let term = section.term.map(TermId::hex);
        let terms = term.map(|term| self.reference("academicSessions", &term, "academicSession"));
        object.put("terms", terms.into_iter().collect::<Vec<_>>());
        object.put_list("periods", fact("period"));
        object.put_extensions(&facts);
        object
    }

    fn enrollments(&self, seen: &SectionSeen<'_>) -> Vec<Object> {
        let section = &seen.room.record.section;
        let modified = seen.room.last_modified.to_string();
        let class = section.id.hex();
        let mut members: Vec<(&Member, &str)> = Vec::new();
        members.extend(seen.teachers.iter().map(|member| (member, "teacher")));
        members.extend(seen.students.iter().map(|member| (member, "student")));
        members.sort_by_key(|(member, _)| member.role);
        let enrollment = |(member, role): (&Member, &str)| {
            let id = format!("{}-{}", &*class, &*RoleId::hex(member.role));
            let mut object = Object::of(&id, &modified);
            object.key.part = Some(member.role.to_bytes());
            let is_primary = role == "teacher" && seen.primary.as_ref() == Some(member);
            object.put("user", self.reference("users", &member.user.hex(), "user"));
            object.put("class", self.reference("classes", &class, "class"));
            object.put("school", self.reference("orgs", &section.school.hex(), "org"));
            object.put("role", role);
            object.put("primary", if is_primary { "true" } else { "false" });
            object
        };
        members.into_iter().map(enrollment).collect()
    }

    /// A user, or what `demographics` says of them.
    fn person(
        &self,
        reader: &mut Reader<'_, '_, '_, '_>,
        collection: Collection,
        seen: &PersonSeen<'_>,
    ) -> ReadResult<Option<Object>> {
        let role = collection.role();
        let of_kind = seen.roles.iter().find(|it| role.is_none_or(|kind| it.role.kind == kind));
        let Some(role) = of_kind else { return Ok(None) };
        let user = seen.user;
        let mut object = Object::of(&user.id.hex(), &user.last_modified.to_string());
        if collection == Collection::Demographics {
            if !reader.groups().has(DataGroup::Demographics) {
                return Ok(None);
            }
            for (name, value) in said_of_origin(&role.role.details) {
                object.put(name, value);
            }
            return Ok(Some(object));
        }
        object.put("enabledUser", "true");
        object.put_name(&user.name);
        object.put_known("email", user.email.as_ref().map(Email::as_str));
        self.put_roles(&mut object, &seen.roles);
        if let Some(first) = seen.roles.first() {
            let facts = reader.facts_of_role(&first.role.details);
            object.put_role_facts(first.role.kind, &facts);
        }
        let student = seen.roles.iter().find(|it| it.role.kind == RoleKind::Student);
        if let Some(student) = student
            && reader.groups().has(DataGroup::Contacts)
        {
            let agents = self.agents(reader, student.role.id)?;
            object.put("agents", agents);
        }
        Ok(Some(object))
    }

    fn agents(
        &self,
        reader: &mut Reader<'_, '_, '_, '_>,
        student: RoleId,
    ) -> ReadResult<Vec<Value>> {
        let ids = reader.roster().contacts_of_student(student)?;
        let contacts = reader.roster().contacts_by_id(&ids)?;
        let mut agents = Vec::with_capacity(contacts.len());
        for contact in &contacts {
            if reader.contact(contact)?.is_some() {
                agents.push(self.reference("users", &contact.record.id.hex(), "user"));
            }
        }
        Ok(agents)
    }

    fn put_roles(&self, object: &mut Object, roles: &[RoleSeen<'_>]) {
        let mut taken: Vec<String> = Vec::new();
        let mut printed = Vec::new();
        let mut ids = Vec::new();
        for seen in roles {
            let kind = seen.role.kind;
            let schools = seen.schools.iter().copied().map(SchoolId::hex);
            let mut orgs: Vec<String> = schools.map(|id| (*id).to_owned()).collect();
            if orgs.is_empty() || kind == RoleKind::DistrictAdmin {
                orgs = vec![(*self.district.id.hex()).to_owned()];
            }
            for org in orgs {
                // Each organisation has one primary role of a user.
                let rank = if taken.contains(&org) { "secondary" } else { "primary" };
                printed.push(json!({
                    "roleType": rank,
                    "role": role_word(seen.role),
                    "org": self.reference("orgs", &org, "org"),
                }));
                taken.push(org);
            }
            let system = format!("{}.sis_id", kind.name());
            ids.push(json!({ "type": system, "identifier": seen.role.sis_id }));
        }
        object.put("roles", printed);
        object.put("userIds", ids);
        let primary = roles.first().and_then(|role| role.schools.first());
        if let Some(school) = primary.copied().map(SchoolId::hex) {
            object.put("primaryOrg", self.reference("orgs", &school, "org"));
        }
    }

    fn contact(&self, seen: &ContactSeen<'_>) -> Object {
        let contact = &seen.contact.record;
        let modified = seen.contact.last_modified.to_string();
        let mut object = Object::of(&contact.id.hex(), &modified);
        object.put("enabledUser", "true");
        object.put_name(&contact.name);
        object.put_known("email", contact.email.as_ref().map(Email::as_str));
        let detail = |name| contact.details.get(name);
        let is_mobile = detail("phone_type") == Some("Cell");
        object.put_known(if is_mobile { "sms" } else { "phone" }, detail("phone"));
        if let Some(sis_id) = &contact.sis_id {
            object.put("userIds", json!([{ "type": "contact.sis_id", "identifier": sis_id }]));
        }
        let word = seen.relationships.first().map_or("relative", |(tie, _)| contact_word(tie));
        object.put(
            "roles",
            json!([{
                "roleType": "primary",
                "role": word,
                "org": self.district_reference(),
            }]),
        );
        let students = seen.relationships.iter().map(|(_, member)| member.user.hex());
        let agents: Vec<_> = students.map(|id| self.reference("users", &id, "user")).collect();
        object.put("agents", agents);
        object
    }
}

impl Object {
    /// An object without what the record says.
    fn of(id: &str, modified: &str) -> Self {
        let mut object = Self { id: id.to_owned(), key: ObjectKey::default(), members: Map::new() };
        object.put("sourcedId", id);
        object.put("status", "active");
        object.put("dateLastModified", modified);
        object
    }

    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.members.insert(name.to_owned(), value.into());
    }

    fn put_known(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.put(name, value);
        }
    }

    /// A list of nothing or one text.
    fn put_list(&mut self, name: &str, value: Option<&str>) {
        self.put(name, value.into_iter().map(str::to_owned).collect::<Vec<_>>());
    }

    /// The standard wants two names; most contacts have one, in one text.
    fn put_name(&mut self, name: &PersonName) {
        if name.first.is_empty() || name.last.is_empty() {
            let (given, family) = cut_name(name);
            self.put("givenName", given);
            self.put("familyName", family);
            return;
        }
        self.put("givenName", name.first.as_str());
        self.put("familyName", name.last.as_str());
        self.put_known("middleName", name.middle.as_deref());
    }

    /// What a user's first role says: the standard says it of the user.
    fn put_role_facts(&mut self, kind: RoleKind, facts: &[(&str, &str)]) {
        let fact = |name| fact(facts, name);
        self.put_known("username", fact("credentials.district_username"));
        let number = match kind {
            RoleKind::Student => fact("student_number"),
            RoleKind::Teacher => fact("teacher_number"),
            RoleKind::Staff | RoleKind::DistrictAdmin => None,
        };
        self.put_known("identifier", number);
        if kind == RoleKind::Student {
            let grade = fact("grade");
            self.put_list("grades", grade.map(|grade| common_grade(grade).unwrap_or(grade)));
            self.put_known("preferredFirstName", fact("preferred_name.first"));
            self.put_known("preferredMiddleName", fact("preferred_name.middle"));
            self.put_known("preferredLastName", fact("preferred_name.last"));
        }
        self.put_extensions(facts);
    }

    /// The district's own columns.
    fn put_extensions(&mut self, facts: &[(&str, &str)]) {
        let own = facts.iter().filter_map(|(name, value)| {
            Some((name.strip_prefix("ext.")?.to_owned(), Value::from(*value)))
        });
        let own: Map<String, Value> = own.collect();
        if !own.is_empty() {
            self.put("metadata", own);
        }
    }
}

fn fact<'f>(facts: &[(&str, &'f str)], name: &str) -> Option<&'f str> {
    facts.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
}
