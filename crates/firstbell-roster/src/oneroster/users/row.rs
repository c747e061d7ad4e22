//! One row of `users.csv`: the roles that it has become records, each with what the row says.

use std::borrow::Cow;

use firstbell_core::roster::{Email, PersonName, RoleKind};

use super::super::manifest::Version;
use super::super::roles::{Held, Rank, RoleWord, Standing};
use super::super::{Base, OneRosterFile, Rostering, in_file, list, own, reference, truth};
use super::{Slot, State};
use crate::contacts::{Stated, Word};
use crate::fault::RosterFault;
use crate::header::{At, Header};
use crate::plan::record_kind;
use crate::problem::{Place, Problems};
use crate::read::Draft;
use crate::snapshot::{DetailName, DetailNames, Index, PackedDetails, RoleRecord};
use crate::source::RosterFile;
use crate::table::Line;
use crate::words::Rule;

pub(super) struct UserColumns {
    pub base: Base,
    enabled: At,
    orgs: At,
    role: At,
    username: At,
    name: [At; 3],
    preferred: [At; 3],
    number: At,
    email: At,
    sms: At,
    phone: At,
    pub agents: At,
    grades: At,
    password: At,
    primary_org: At,
    own: own::RoleColumns,
    own_words: [At; 3],
    whole_name: At,
    pub own_contacts: At,
}

impl UserColumns {
    pub fn of(header: &Header, detail_names: &mut DetailNames) -> Self {
        let all = |names: [&str; 3]| names.map(|name| header.at(name));
        Self {
            base: Base::of(header),
            enabled: header.at("enabledUser"),
            orgs: header.at("orgSourcedIds"),
            role: header.at("role"),
            username: header.at("username"),
            name: all(["givenName", "middleName", "familyName"]),
            preferred: all(["preferredGivenName", "preferredMiddleName", "preferredFamilyName"]),
            number: header.at("identifier"),
            email: header.at("email"),
            sms: header.at("sms"),
            phone: header.at("phone"),
            agents: header.at("agentSourcedIds"),
            grades: header.at("grades"),
            password: header.at("password"),
            primary_org: header.at("primaryOrgSourcedId"),
            own: own::RoleColumns::of(header, detail_names),
            own_words: ["phone_type", "relationship", "contact_type"]
                .map(|name| header.at(&format!("metadata.firstbell.{name}"))),
            whole_name: header.at("metadata.firstbell.whole_name"),
            own_contacts: header.at("metadata.firstbell.contacts"),
        }
    }

    /// Whether the columns are there that 1.1 has and 1.2 has not.
    pub fn are_of(&self, version: Version, problems: &mut Problems) -> bool {
        let missing = [(self.role, "role"), (self.orgs, "orgSourcedIds")]
            .into_iter()
            .filter(|(at, _)| version == Version::OneOne && at.0.is_none());
        let mut whole = true;
        for (_, name) in missing {
            let place =
                Place { line: Some(1), column: Some(name), ..in_file(OneRosterFile::Users) };
            problems.add(RosterFault::ColumnMissing, place);
            whole = false;
        }
        whole
    }
}

/// The row of a user who is not left out.
pub(super) struct Row<'r, 't> {
    pub line: &'r Line<'t>,
    pub columns: &'r UserColumns,
    pub user: Index,
}

/// A role on its way into the roster.
struct Part {
    kind: RoleKind,
    word: RoleWord,
    schools: Vec<Index>,
}

impl Row<'_, '_> {
    /// Makes of the user whatever their roles say.
    pub fn keep(&self, rostering: &Rostering, draft: &mut Draft) -> Slot {
        let held = match rostering.version {
            Version::OneOne => self.held(rostering, &mut draft.problems),
            Version::OneTwo => rostering.users.held_by(self.user).to_vec(),
        };
        let mut slot = Slot { state: State::LeftOut, ..Slot::default() };
        let as_contact = held.iter().find(|held| held.role.standing() == Standing::Contact);
        if let Some(as_contact) = as_contact {
            slot.contact = Some(self.contact(as_contact.role, draft));
            slot.state = State::Kept;
        }
        let parts = self.parts(&held, rostering, &mut draft.problems);
        if parts.is_empty() {
            // A role that nobody knows has been told already.
            if slot.contact.is_none() && (held.is_empty() && !self.has_strange_role(rostering)) {
                draft.problems.add(RosterFault::UserWithoutRole, self.place());
            }
            return slot;
        }
        if truth(self.line, self.columns.enabled, &mut draft.problems) == Some(false) {
            draft.problems.add(RosterFault::UserDisabled, self.place());
            return slot;
        }
        self.keep_parts(parts, &mut slot, rostering, draft);
        slot
    }

    fn place(&self) -> Place<'_> {
        self.line.place(self.columns.base.id)
    }

    fn has_strange_role(&self, rostering: &Rostering) -> bool {
        rostering.version == Version::OneOne
            && RoleWord::of(self.line.cell(self.columns.role)).is_none()
    }

    /// The roles of a row of 1.1: one role, at each of its organisations.
    fn held(&self, rostering: &Rostering, problems: &mut Problems) -> Vec<Held> {
        let Some(role) = RoleWord::of(self.line.cell(self.columns.role)) else {
            problems.add(RosterFault::RoleUnknown, self.line.place(self.columns.role));
            return Vec::new();
        };
        let held = |org| Held { user: self.user, role, org, rank: Rank::Primary, line: 0 };
        let target = RosterFile::OneRoster(OneRosterFile::Orgs);
        let at = self.columns.orgs;
        let place = self.line.place(at);
        let mut all: Vec<Held> = list(self.line, at)
            .filter_map(|id| rostering.orgs.ids.resolve_id(id, place, target, problems))
            .filter(|org| *org != Index::LEFT_OUT)
            .map(|org| held(Some(org)))
            .collect();
        if all.is_empty() {
            all.push(held(None));
        }
        all
    }

    /// The roles that are no contact's, each once, with their schools. Nobody becomes an
    /// administrator of the district by a role at a school.
    fn parts(&self, held: &[Held], rostering: &Rostering, problems: &mut Problems) -> Vec<Part> {
        let orgs = &rostering.orgs;
        let mut parts: Vec<Part> = Vec::new();
        for held in held {
            let Standing::Role(mut kind) = held.role.standing() else { continue };
            let is_raised = kind == RoleKind::DistrictAdmin;
            if is_raised && !held.org.is_some_and(|org| orgs.is_district(org)) {
                problems.add(RosterFault::AdminNotRaised, self.place());
                kind = RoleKind::Staff;
            }
            let school = held.org.and_then(|org| orgs.school_of(org));
            let known = parts.iter().position(|part| part.kind == kind);
            let at = known.unwrap_or(parts.len());
            if known.is_none() {
                parts.push(Part { kind, word: held.role, schools: Vec::new() });
            }
            let Some(part) = parts.get_mut(at) else { continue };
            if let Some(school) = school.filter(|school| !part.schools.contains(school)) {
                part.schools.push(school);
            }
        }
        let primary = self.columns.primary_org;
        if let Some(org) = reference(&orgs.ids, self.line, primary, OneRosterFile::Orgs, problems)
            && let Some(first) = orgs.school_of(org)
        {
            for part in &mut parts {
                part.schools.sort_by_key(|school| *school != first);
            }
        }
        let before = parts.len();
        parts.retain(|part| part.kind != RoleKind::Student || !part.schools.is_empty());
        if parts.len() < before {
            problems.add(RosterFault::StudentNowhere, self.place());
        }
        parts
    }

    fn keep_parts(
        &self,
        parts: Vec<Part>,
        slot: &mut Slot,
        rostering: &Rostering,
        draft: &mut Draft,
    ) {
        let is_student = |part: &Part| part.kind == RoleKind::Student;
        let is_two = parts.iter().any(is_student) && !parts.iter().all(is_student);
        if is_two {
            draft.problems.add(RosterFault::StudentAlsoAdult, self.place());
        }
        slot.state = State::Kept;
        let logs_in_as_student = parts.first().is_some_and(is_student);
        let common = self.record(&mut draft.problems);
        let own = self.line.detail_cells(&mut draft.problems);
        let first = parts.iter().map(|part| part.kind).min();
        for part in parts {
            let mut record = common.clone();
            if is_two && is_student(&part) != logs_in_as_student {
                (record.username, record.password) = (None, None);
            }
            let more = self.details(&part, rostering, &mut draft.problems);
            let shared = self.columns.own.common(&own);
            match self.columns.own.role(&own, part.kind) {
                None => record.details = PackedDetails::new(shared.chain(more).collect()),
                Some(theirs) => {
                    let Draft { claims, problems, .. } = draft;
                    let kind = record_kind(part.kind);
                    claims.note(kind, &theirs.sis_id, (self.columns.base, self.line), problems);
                    // What the table says of a user, it says of the first of the roles; the word for
                    // a role in it is not the district's.
                    let is_first = first == Some(part.kind);
                    let said = shared
                        .chain(more)
                        .filter(|(name, _)| is_first && *name != rostering.names.role);
                    record.sis_id = theirs.sis_id;
                    record.username = theirs.username.or(record.username.filter(|_| is_first));
                    record.details = joined(said.collect(), theirs.details);
                }
            }
            record.schools = part.schools;
            let records = draft.roles.of_mut(part.kind);
            let at = Some(records.next());
            match part.kind {
                RoleKind::Student => slot.student = at,
                RoleKind::Teacher => slot.teacher = at,
                RoleKind::Staff | RoleKind::DistrictAdmin => {}
            }
            records.push(record);
        }
    }

    /// Whether the row says what the contact is known by, as our own exports do.
    fn is_own_contact(&self) -> bool {
        self.line.filled(self.columns.base.known_by).is_some()
    }

    fn name(&self) -> PersonName {
        let [first, middle, last] = self.columns.name;
        PersonName {
            first: self.line.cell(first).to_owned(),
            middle: self.line.filled(middle).map(str::to_owned),
            last: self.line.cell(last).to_owned(),
        }
    }

    /// What every role of the user says.
    fn record(&self, problems: &mut Problems) -> RoleRecord {
        let Self { line, columns, .. } = self;
        let email = line.filled(columns.email).map(str::parse::<Email>);
        if matches!(email, Some(Err(_))) {
            problems.add(RosterFault::EmailMalformed, line.place(columns.email));
        }
        RoleRecord {
            sis_id: line.cell(columns.base.id).into(),
            name: self.name(),
            email: email.and_then(Result::ok),
            schools: Vec::new(),
            details: PackedDetails::default(),
            username: line.filled(columns.username).map(Into::into),
            password: line.filled(columns.password).map(Into::into),
            file: line.header.file,
            line: line.number,
        }
    }

    /// What one role of the user says beside that.
    fn details(
        &self,
        part: &Part,
        rostering: &Rostering,
        problems: &mut Problems,
    ) -> Vec<(DetailName, Cow<'_, str>)> {
        let Self { line, columns, .. } = self;
        let names = &rostering.names;
        let mut details: Vec<(DetailName, Cow<'_, str>)> = Vec::new();
        let number = names.numbers.iter().find(|(kind, _)| *kind == part.kind);
        if let (Some((_, name)), Some(number)) = (number, line.filled(columns.number)) {
            details.push((*name, number.into()));
        }
        match part.kind {
            RoleKind::Student => {
                let grade = list(line, columns.grades).next().map(|grade| {
                    let reading = Rule::CommonGrade.read(grade);
                    if let Some(fault) = reading.fault {
                        problems.add(fault, line.place(columns.grades));
                    }
                    reading.value
                });
                details.extend(grade.map(|grade| (names.grade, grade)));
                for (name, at) in names.preferred.into_iter().zip(columns.preferred) {
                    details.extend(line.filled(at).map(|text| (name, text.into())));
                }
            }
            RoleKind::Staff | RoleKind::DistrictAdmin => {
                details.push((names.role, part.word.text().into()));
            }
            RoleKind::Teacher => {}
        }
        details
    }

    /// Keeps the user as a contact: of whom is known when all users are.
    fn contact(&self, role: RoleWord, draft: &mut Draft) -> Index {
        let Self { line, columns, .. } = self;
        let email = line.read_by(Rule::Email, columns.email, &mut draft.problems);
        let (phone, sms) = (line.cell(columns.phone), line.cell(columns.sms));
        let (phone, phone_type) =
            if phone.is_empty() && !sms.is_empty() { (sms, "Cell") } else { (phone, "") };
        let [first, middle, last] = columns.name.map(|at| line.cell(at));
        let email = email.as_deref().unwrap_or_default();
        let (relationship, kind) = match role.text() {
            "parent" => ("Parent", "Parent/Guardian"),
            "guardian" => ("Other", "Parent/Guardian"),
            _ => ("Other", "Family"),
        };
        let mut stated = Stated {
            texts: [line.cell(columns.base.id), first, middle, last, email, phone],
            phone_type: Word::named(phone_type),
            relationship: Word::named(relationship),
            kind: Word::named(kind),
        };
        if self.is_own_contact() {
            let sis_id = columns.base.sis_id(line).unwrap_or_default();
            let is_whole = line.cell(columns.base.unnamed) == "true";
            let names = if is_whole {
                ["", "", line.cell(columns.whole_name)]
            } else {
                [first, middle, last]
            };
            let [first, middle, last] = names;
            stated.texts = [sis_id, first, middle, last, email, phone];
            let rules = [Rule::PhoneType, Rule::Relationship, Rule::ContactType];
            let mut words = rules
                .into_iter()
                .zip(columns.own_words)
                .map(|(rule, at)| Word::named(&line.read_by(rule, at, &mut draft.problems)?));
            let mut word = || words.next().flatten();
            (stated.phone_type, stated.relationship, stated.kind) = (word(), word(), word());
        }
        draft.contacts.record(&stated).0
    }
}

/// The cells of both, those of the first where both have one.
fn joined<'t>(first: Vec<own::Cell<'t>>, second: Vec<own::Cell<'t>>) -> PackedDetails {
    let is_new = |name: DetailName| !first.iter().any(|(known, _)| *known == name);
    let more: Vec<_> = second.into_iter().filter(|(name, _)| is_new(*name)).collect();
    PackedDetails::new(first.into_iter().chain(more).collect())
}
