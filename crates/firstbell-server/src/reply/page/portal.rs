//! A person's own applications.

use askama::Template;

use super::frame::Frame;
use super::{PageError, frame};
use crate::reply::text::Text;

/// The page at `/in/<district>`.
#[derive(Clone, Debug)]
pub struct Portal {
    /// The surroundings.
    pub frame: Frame,
    /// Whose page it is.
    pub person: PortalPerson,
    /// The person's district.
    pub district_name: String,
    /// The applications, in the order in which they are shown.
    pub tiles: Vec<Tile>,
    /// Where the button "I'm done" goes with POST and the hidden field `csrf`.
    pub sign_out_action: String,
    /// The value of `csrf`, in every form of the page.
    pub csrf_token: String,
    /// The roles that the person has here. Under two of them there is nothing to switch.
    pub roles: Vec<RoleChoice>,
    /// Where switching the role goes with POST and the fields `csrf` and `role`.
    pub switch_role_action: String,
    /// The way to the page [`OpenAs`](super::OpenAs), for those who may.
    pub open_as_href: Option<String>,
    /// The way to the page [`ClassroomApplications`](super::ClassroomApplications), for teachers
    /// who have connected some.
    pub classroom_href: Option<String>,
}

/// A role that the person can be here in.
#[derive(Clone, Debug)]
pub struct RoleChoice {
    /// What it is called.
    pub label: RoleLabel,
    /// The value of `role` that switches to it.
    pub role_id: String,
    /// Whether the person is here in it now.
    pub is_current: bool,
}

/// The person, as the portal greets them.
#[derive(Clone, Debug)]
pub struct PortalPerson {
    /// The name in the greeting.
    pub first_name: String,
    /// The whole name, so that two of one first name see whose page this is.
    pub full_name: String,
    /// One to three letters for the badge beside the greeting.
    pub initials: String,
    /// In which role the person is here.
    pub role: RoleLabel,
    /// The grade as the roster has it: `4`, `Kindergarten`, `PreKindergarten`. A grade that says
    /// nothing to the person (`Ungraded`, `Other`) is not shown.
    pub grade: Option<String>,
}

/// A role, as the portal names it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RoleLabel {
    /// Learns here.
    Student,
    /// Teaches here.
    Teacher,
    /// Works here.
    Staff,
    /// Runs the district's systems.
    DistrictAdmin,
}

/// An application to open.
#[derive(Clone, Debug)]
pub struct Tile {
    /// Its name.
    pub name: String,
    /// Where opening it leads: a launch, or the application's own website where the note says so.
    pub href: String,
    /// What to know before opening it.
    pub note: Option<TileNote>,
}

/// What to know about an application before opening it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TileNote {
    /// The application takes no one in the person's role: its website opens, without a login.
    NotForYourRole,
}

#[derive(Template)]
#[template(path = "portal.html")]
struct PortalTemplate<'a> {
    frame: &'a Frame,
    text: &'a Text<'a>,
    title: String,
    page: &'a Portal,
    role: String,
    grade: Option<String>,
}

impl Portal {
    /// The page as an HTML document.
    ///
    /// # Errors
    ///
    /// Fails when the template does.
    pub fn render(&self, text: &Text<'_>) -> Result<String, PageError> {
        let page = PortalTemplate {
            frame: &self.frame,
            text,
            title: frame::title(text, &text.get("portal-title")),
            page: self,
            role: text.get(self.person.role.text_key()),
            grade: grade_text(text, self.person.grade.as_deref()),
        };
        Ok(page.render()?)
    }
}

impl Portal {
    fn other_roles(&self) -> impl Iterator<Item = &RoleChoice> {
        self.roles.iter().filter(|role| !role.is_current)
    }

    fn leads_elsewhere(&self) -> bool {
        self.other_roles().next().is_some()
            || self.open_as_href.is_some()
            || self.classroom_href.is_some()
    }
}

impl RoleLabel {
    pub(super) fn text_key(self) -> &'static str {
        match self {
            Self::Student => "role-student",
            Self::Teacher => "role-teacher",
            Self::Staff => "role-staff",
            Self::DistrictAdmin => "role-district-admin",
        }
    }
}

impl Tile {
    /// One or two letters that stand for the name: the first of its first two words. A name
    /// without a letter stands for itself by its first sign.
    fn monogram(&self) -> String {
        let words: String = self
            .name
            .split(|letter: char| !letter.is_alphanumeric())
            .filter_map(|word| word.chars().next())
            .take(2)
            .flat_map(char::to_uppercase)
            .collect();
        if words.is_empty() { self.name.trim().chars().take(1).collect() } else { words }
    }

    /// The colour of the book cover, under eight.
    fn hue(&self) -> u32 {
        self.fingerprint() % 8
    }

    /// The pattern of the book cover, under four: colour alone would not do for everybody.
    fn pattern(&self) -> u32 {
        self.fingerprint() / 8 % 4
    }

    /// A number that stays with the name, so that a child finds an application by its cover again
    /// (FNV-1a, 32 bits).
    fn fingerprint(&self) -> u32 {
        let hash = self
            .name
            .bytes()
            .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        // The low bits of FNV-1a are its weakest; folding mixes the high ones in.
        (hash >> 16) ^ hash
    }
}

/// What a grade of the roster is called; nothing when it says nothing to people.
pub(super) fn grade_text(text: &Text<'_>, grade: Option<&str>) -> Option<String> {
    grade.and_then(grade_key).map(|key| text.get(&key))
}

/// The key of a roster's grade. The names are those of the roster dialects (`PostGraduate`).
fn grade_key(grade: &str) -> Option<String> {
    let name = match grade {
        "InfantToddler" => "infant-toddler",
        "Preschool" => "preschool",
        "PreKindergarten" => "pre-kindergarten",
        "TransitionalKindergarten" => "transitional-kindergarten",
        "Kindergarten" => "kindergarten",
        "PostGraduate" => "post-graduate",
        number if (1..=13).any(|it| number == it.to_string()) => number,
        _ => return None,
    };
    Some(format!("grade-{name}"))
}

#[cfg(test)]
mod tests {
    use super::{Tile, grade_key};
    use crate::reply::text::{Language, Texts};

    fn tile(name: &str) -> Tile {
        Tile { name: name.to_owned(), href: String::new(), note: None }
    }

    #[test]
    fn a_monogram_is_one_or_two_letters() {
        let cases = [
            ("Robot Reader", "RR"),
            ("mathletics", "M"),
            ("Ñandú & Friends", "ÑF"),
            ("2 Simple", "2S"),
            ("  —  ", "—"),
            ("قارئ", "ق"),
        ];
        for (name, expected) in cases {
            assert_eq!(tile(name).monogram(), expected);
        }
    }

    #[test]
    fn a_cover_stays_with_its_name() {
        assert_eq!(tile("Robot Reader").hue(), tile("Robot Reader").hue());
        let names = ["Atlas", "Beaker", "Counting House", "Dot", "Echo", "Flight", "Globe", "Hop"];
        let covers: std::collections::BTreeSet<(u32, u32)> =
            names.iter().map(|name| (tile(name).hue(), tile(name).pattern())).collect();
        assert!(covers.len() >= 6, "eight names share {} covers", covers.len());
    }

    #[test]
    fn every_grade_of_the_rosters_has_a_text() {
        let texts = Texts::embedded().unwrap();
        let cases = [("4", "4th grade", "4.º grado"), ("Kindergarten", "Kindergarten", "Kínder")];
        for (grade, english, spanish) in cases {
            let key = grade_key(grade).unwrap();
            assert_eq!(texts.text(Language::En).get(&key), english);
            assert_eq!(texts.text(Language::Es).get(&key), spanish);
        }
        for grade in ["InfantToddler", "Preschool", "PreKindergarten", "PostGraduate", "13"] {
            assert!(texts.text(Language::En).has(&grade_key(grade).unwrap()));
        }
        for grade in ["", "Ungraded", "Other", "0", "14", "04", "<b>"] {
            assert_eq!(grade_key(grade), None);
        }
    }
}
