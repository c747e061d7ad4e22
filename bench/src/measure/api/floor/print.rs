//! Users as v3.1 prints them to an application with everyone's demographics, pushed by hand.

use std::borrow::Cow;
use std::io::Write as _;

use anyhow::Result;
use serde::Deserialize;

use super::USERS;

/// Twelve bytes of an id.
pub type Id = [u8; 12];

/// What the database says of a person's role.
pub struct Row<'r> {
    pub id: Id,
    pub email: Option<&'r str>,
    pub first: &'r str,
    pub middle: Option<&'r str>,
    pub last: &'r str,
    /// Milliseconds since 1970.
    pub created: i64,
    /// Milliseconds since 1970.
    pub last_modified: i64,
    pub role: Id,
    pub kind: &'r str,
    pub sis_id: &'r str,
    /// A JSON object of texts.
    pub details: &'r str,
    /// The primary one first.
    pub schools: &'r [Id],
}

/// Of the details, those that are told.
#[derive(Deserialize)]
struct Details<'d> {
    #[serde(borrow)]
    grade: Option<Cow<'d, str>>,
    #[serde(borrow)]
    state_id: Option<Cow<'d, str>>,
    #[serde(borrow)]
    student_number: Option<Cow<'d, str>>,
    #[serde(borrow)]
    graduation_year: Option<Cow<'d, str>>,
    #[serde(borrow)]
    dob: Option<Cow<'d, str>>,
    #[serde(borrow)]
    race: Option<Cow<'d, str>>,
    #[serde(borrow)]
    hispanic_ethnicity: Option<Cow<'d, str>>,
    #[serde(borrow)]
    gender: Option<Cow<'d, str>>,
    #[serde(borrow, rename = "location.address")]
    address: Option<Cow<'d, str>>,
    #[serde(borrow, rename = "location.city")]
    city: Option<Cow<'d, str>>,
    #[serde(borrow, rename = "location.state")]
    state: Option<Cow<'d, str>>,
    #[serde(borrow, rename = "location.zip")]
    zip: Option<Cow<'d, str>>,
    #[serde(borrow, rename = "credentials.district_username")]
    username: Option<Cow<'d, str>>,
    #[serde(borrow, rename = "preferred_name.first")]
    preferred_first: Option<Cow<'d, str>>,
    #[serde(borrow, rename = "preferred_name.middle")]
    preferred_middle: Option<Cow<'d, str>>,
    #[serde(borrow, rename = "preferred_name.last")]
    preferred_last: Option<Cow<'d, str>>,
    #[serde(borrow)]
    teacher_number: Option<Cow<'d, str>>,
    #[serde(borrow)]
    title: Option<Cow<'d, str>>,
    #[serde(borrow)]
    department: Option<Cow<'d, str>>,
    #[serde(borrow)]
    role: Option<Cow<'d, str>>,
}

/// The items of a page.
pub struct Page {
    body: Vec<u8>,
    district: Id,
    users: usize,
    last: Id,
}

impl Page {
    /// Nothing yet.
    pub fn of(district: Id) -> Self {
        Self { body: Vec::new(), district, users: 0, last: Id::default() }
    }

    /// How many users there are.
    pub fn users(&self) -> usize {
        self.users
    }

    /// The items with commas between them.
    pub fn items(&self) -> &[u8] {
        &self.body
    }

    /// The last id that was added.
    pub fn last(&self) -> Id {
        self.last
    }

    /// Lets another page begin in the same memory.
    pub fn clear(&mut self) {
        self.body.clear();
        self.users = 0;
    }

    /// Adds a person with their one role.
    pub fn add(&mut self, row: &Row<'_>) -> Result<()> {
        if self.users > 0 {
            self.body.push(b',');
        }
        self.users += 1;
        self.last = row.id;
        let details: Details<'_> = serde_json::from_str(row.details)?;
        self.put("{\"data\":{\"id\":\"");
        self.hex(row.id);
        self.put("\",\"district\":\"");
        self.hex(self.district);
        self.put("\"");
        self.known("email", row.email);
        self.put(",\"name\":{\"first\":");
        self.text(row.first);
        self.member("middle", row.middle.unwrap_or_default());
        self.member("last", row.last);
        self.put("}");
        self.dates(row)?;
        self.put(",\"roles\":{\"");
        self.put(row.kind);
        self.put("\":{\"legacy_id\":\"");
        self.hex(row.role);
        self.put("\"");
        match row.kind {
            "student" => self.student(row, &details)?,
            "teacher" => self.teacher(row, &details)?,
            "staff" => self.staff(row, &details),
            _ => self.known("title", details.title.as_deref()),
        }
        self.put("}}},\"uri\":\"");
        self.put(USERS);
        self.put("/");
        self.hex(row.id);
        self.put("\"}");
        Ok(())
    }

    fn student(&mut self, row: &Row<'_>, details: &Details<'_>) -> Result<()> {
        self.member("sis_id", row.sis_id);
        self.known("grade", details.grade.as_deref());
        self.school(row);
        self.known("state_id", details.state_id.as_deref());
        self.known("student_number", details.student_number.as_deref());
        self.known("graduation_year", details.graduation_year.as_deref());
        self.day("dob", details.dob.as_deref());
        self.member("race", details.race.as_deref().unwrap_or_default());
        self.member(
            "hispanic_ethnicity",
            details.hispanic_ethnicity.as_deref().unwrap_or_default(),
        );
        self.put(",\"location\":{\"address\":");
        self.text(details.address.as_deref().unwrap_or_default());
        self.member("city", details.city.as_deref().unwrap_or_default());
        self.member("state", details.state.as_deref().unwrap_or_default());
        self.member("zip", details.zip.as_deref().unwrap_or_default());
        self.put("}");
        self.credentials(details);
        self.member("gender", details.gender.as_deref().unwrap_or_default());
        self.put(",\"enrollments\":[]");
        self.preferred(details);
        self.dates(row)
    }

    fn teacher(&mut self, row: &Row<'_>, details: &Details<'_>) -> Result<()> {
        self.member("sis_id", row.sis_id);
        self.school(row);
        self.known("state_id", details.state_id.as_deref());
        self.known("teacher_number", details.teacher_number.as_deref());
        self.known("title", details.title.as_deref());
        self.credentials(details);
        self.dates(row)
    }

    fn staff(&mut self, row: &Row<'_>, details: &Details<'_>) {
        self.member("staff_id", row.sis_id);
        self.schools(row);
        self.known("department", details.department.as_deref());
        self.put(",\"roles\":[");
        if let Some(role) = &details.role {
            self.text(role);
        }
        self.put("]");
        self.known("title", details.title.as_deref());
        self.credentials(details);
    }

    fn school(&mut self, row: &Row<'_>) {
        if let Some(school) = row.schools.first() {
            self.put(",\"school\":\"");
            self.hex(*school);
            self.put("\"");
        }
        self.schools(row);
    }

    fn schools(&mut self, row: &Row<'_>) {
        self.put(",\"schools\":[");
        for (number, school) in row.schools.iter().enumerate() {
            self.put(if number > 0 { ",\"" } else { "\"" });
            self.hex(*school);
            self.put("\"");
        }
        self.put("]");
    }

    fn preferred(&mut self, details: &Details<'_>) {
        let Details { preferred_first, preferred_middle, preferred_last, .. } = details;
        if preferred_first.is_some() || preferred_middle.is_some() || preferred_last.is_some() {
            self.put(",\"preferred_name\":{\"first\":");
            self.text(preferred_first.as_deref().unwrap_or_default());
            self.member("middle", preferred_middle.as_deref().unwrap_or_default());
            self.member("last", preferred_last.as_deref().unwrap_or_default());
            self.put("}");
        }
    }

    fn credentials(&mut self, details: &Details<'_>) {
        self.put(",\"credentials\":{");
        if let Some(username) = &details.username {
            self.put("\"district_username\":");
            self.text(username);
        }
        self.put("}");
    }

    fn dates(&mut self, row: &Row<'_>) -> Result<()> {
        self.put(",\"created\":\"");
        self.time(row.created)?;
        self.put("\",\"last_modified\":\"");
        self.time(row.last_modified)?;
        self.put("\"");
        Ok(())
    }

    /// A member with a value, behind another one.
    fn member(&mut self, name: &str, value: &str) {
        self.put(",\"");
        self.put(name);
        self.put("\":");
        self.text(value);
    }

    fn known(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.member(name, value);
        }
    }

    /// A date without zeros in front, in the order month, day, year.
    fn day(&mut self, name: &str, value: Option<&str>) {
        self.put(",\"");
        self.put(name);
        let mut parts = value.unwrap_or_default().splitn(3, '-');
        let (Some(year), Some(month), Some(day)) = (parts.next(), parts.next(), parts.next())
        else {
            return self.put("\":null");
        };
        self.put("\":\"");
        self.put(month.trim_start_matches('0'));
        self.put("/");
        self.put(day.trim_start_matches('0'));
        self.put("/");
        self.put(year);
        self.put("\"");
    }

    /// A text in quotes (RFC 8259 section 7).
    fn text(&mut self, text: &str) {
        self.body.push(b'"');
        let mut from = 0;
        let bytes = text.as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            if *byte >= 0x20 && *byte != b'"' && *byte != b'\\' {
                continue;
            }
            self.body.extend_from_slice(&bytes[from..at]);
            from = at + 1;
            match byte {
                b'"' => self.put("\\\""),
                b'\\' => self.put("\\\\"),
                // Writing to memory cannot fail.
                _ => drop(write!(self.body, "\\u{byte:04x}")),
            }
        }
        self.body.extend_from_slice(&bytes[from..]);
        self.body.push(b'"');
    }

    fn put(&mut self, text: &str) {
        self.body.extend_from_slice(text.as_bytes());
    }

    fn hex(&mut self, id: Id) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 24];
        for (pair, byte) in text.chunks_exact_mut(2).zip(id) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        self.body.extend_from_slice(&text);
    }

    /// ISO 8601 in UTC with milliseconds, from days by Howard Hinnant's `civil_from_days`.
    fn time(&mut self, milliseconds: i64) -> Result<()> {
        let (days, of_day) =
            (milliseconds.div_euclid(86_400_000), milliseconds.rem_euclid(86_400_000));
        let shifted = days + 719_468;
        let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year + era * 400 + i64::from(month <= 2);
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let numbers = [
            (0, 4, year),
            (5, 2, month),
            (8, 2, day),
            (11, 2, of_day / 3_600_000),
            (14, 2, of_day / 60_000 % 60),
            (17, 2, of_day / 1000 % 60),
            (20, 3, of_day % 1000),
        ];
        for (from, width, mut number) in numbers {
            for digit in text[from..from + width].iter_mut().rev() {
                *digit = b'0' + u8::try_from(number % 10)?;
                number /= 10;
            }
        }
        self.body.extend_from_slice(&text);
        Ok(())
    }
}
