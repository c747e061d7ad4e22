//! The people of the small sandbox whom demos and tests call by name, and what is awkward about
//! each. They are the same whatever the seed.

use firstbell_core::roster::RoleKind;

/// Somebody of the small sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SandboxPerson {
    /// The role they log in with.
    pub role: RoleKind,
    /// The role's id in the files.
    pub sis_id: &'static str,
    /// Given name.
    pub first: &'static str,
    /// Family name.
    pub last: &'static str,
    /// What they type as their name.
    pub login_name: &'static str,
    /// Their password. It is printed on the screen of a demo; it guards nothing.
    pub password: &'static str,
    /// Their address, if they have one.
    pub email: Option<&'static str>,
    /// What is awkward about them.
    pub why: &'static str,
}

/// Whom the demo prints with their passwords.
pub const DEMO: [SandboxPerson; 6] =
    [ANA_NUNEZ, LAYLA_HADDAD, THEO_PARK, GRACE_MORENO, AMARA_OKAFOR, LIN_ZHOU];

/// Everybody on this page.
pub const ALL: [SandboxPerson; 22] = [
    ANA_NUNEZ,
    SEAN_O_CONNOR,
    ZOE_MULLER_BRANDT,
    THEO_PARK,
    CHLOE_BENOIT,
    JORDAN_LEE,
    OTHER_JORDAN_LEE,
    LAYLA_HADDAD,
    XIAOMING_LI,
    ONE_LETTER,
    LONG_NAME,
    PRIYA_RAMAN,
    MARCO_BIANCHI,
    NOOR_RAHMAN,
    NULL_NAME,
    GRACE_MORENO,
    TOM_IDLE,
    AMARA_OKAFOR,
    ROSA_DELGADO,
    PAT_KOWALSKI,
    SAM_RIVERS,
    LIN_ZHOU,
];

const fn student(
    sis_id: &'static str,
    (first, last): (&'static str, &'static str),
    (login_name, password): (&'static str, &'static str),
    email: Option<&'static str>,
    why: &'static str,
) -> SandboxPerson {
    SandboxPerson { role: RoleKind::Student, sis_id, first, last, login_name, password, email, why }
}

/// The heroine of the demo.
pub const ANA_NUNEZ: SandboxPerson = student(
    "1001",
    ("Ana", "Núñez"),
    ("ana.nunez", "maple-river-42"),
    Some("ana.nunez@students.ada.example"),
    "4th grade; ñ and ú in her name",
);

/// An apostrophe, which is a quote elsewhere.
pub const SEAN_O_CONNOR: SandboxPerson = student(
    "1002",
    ("Seán", "O'Connor"),
    ("sean.oconnor", "copper-kite-17"),
    Some("sean.oconnor@students.ada.example"),
    "an apostrophe and an á",
);

/// Hyphen and diaereses.
pub const ZOE_MULLER_BRANDT: SandboxPerson = student(
    "1003",
    ("Zoë", "Müller-Brandt"),
    ("zoe.muller-brandt", "silver-otter-63"),
    Some("zoe.muller-brandt@students.ada.example"),
    "a hyphen, ë and ü",
);

/// No email address.
pub const THEO_PARK: SandboxPerson = student(
    "1004",
    ("Theo", "Park"),
    ("theo.park", "sunny-comet-28"),
    None,
    "no email: logs in with his Username only",
);

/// No middle name and no grade.
pub const CHLOE_BENOIT: SandboxPerson = student(
    "1005",
    ("Chloé", "Benoît"),
    ("chloe.benoit", "paper-garden-51"),
    Some("chloe.benoit@students.ada.example"),
    "neither middle name nor grade nor date of birth",
);

/// One of two people with one name.
pub const JORDAN_LEE: SandboxPerson = student(
    "1006",
    ("Jordan", "Lee"),
    ("jordan.lee", "velvet-harbor-34"),
    Some("jordan.lee@students.ada.example"),
    "the same name, school and grade as another student",
);

/// The other of two people with one name.
pub const OTHER_JORDAN_LEE: SandboxPerson = student(
    "1007",
    ("Jordan", "Lee"),
    ("jordan.lee2", "amber-meadow-75"),
    Some("jordan.lee2@students.ada.example"),
    "the same name, school and grade as another student",
);

/// Written from right to left.
pub const LAYLA_HADDAD: SandboxPerson = student(
    "1008",
    ("ليلى", "حداد"),
    ("layla.haddad", "golden-lantern-86"),
    Some("layla.haddad@students.ada.example"),
    "an Arabic name",
);

/// Family name first.
pub const XIAOMING_LI: SandboxPerson = student(
    "1009",
    ("小明", "李"),
    ("xiaoming.li", "bamboo-cloud-39"),
    Some("xiaoming.li@students.ada.example"),
    "a Chinese name",
);

/// As short as names get.
pub const ONE_LETTER: SandboxPerson = student(
    "1010",
    ("J", "O"),
    ("j.o", "quiet-pebble-22"),
    Some("j.o@students.ada.example"),
    "one letter for each name",
);

/// As long as names get.
pub const LONG_NAME: SandboxPerson = student(
    "1011",
    (
        "Maximiliana-Alexandrina Konstantinopolitanska",
        "van der Westhuizen-Papadimitriou-Featherstonehaugh-Ravindranathan",
    ),
    ("maxi.ravindranathan", "winter-button-90"),
    Some("maxi.ravindranathan@students.ada.example"),
    "a name that no column is wide enough for",
);

/// In two schools.
pub const PRIYA_RAMAN: SandboxPerson = student(
    "1012",
    ("Priya", "Raman"),
    ("priya.raman", "violet-engine-47"),
    Some("priya.raman@students.ada.example"),
    "in two schools: 5th grade, and mathematics at the middle school",
);

/// Whom the demo suspends.
pub const MARCO_BIANCHI: SandboxPerson = student(
    "1013",
    ("Marco", "Bianchi"),
    ("marco.bianchi", "cobalt-ladder-58"),
    Some("marco.bianchi@students.ada.example"),
    "the demo suspends him",
);

/// In the school that the demo does not share.
pub const NOOR_RAHMAN: SandboxPerson = student(
    "1014",
    ("Noor", "Rahman"),
    ("noor.rahman", "crimson-bridge-13"),
    Some("noor.rahman@students.ada.example"),
    "in the high school, which the demo does not share with FlightSchool",
);

/// A name that careless programs take for none.
pub const NULL_NAME: SandboxPerson = student(
    "1015",
    ("Nil", "Null"),
    ("nil.null", "marble-forest-66"),
    Some("nil.null@students.ada.example"),
    "a family name that careless programs take for no name",
);

/// Ana's teacher.
pub const GRACE_MORENO: SandboxPerson = SandboxPerson {
    role: RoleKind::Teacher,
    sis_id: "T01",
    first: "Grace",
    last: "Moreno",
    login_name: "grace.moreno",
    password: "orchard-signal-31",
    email: Some("grace.moreno@ada.example"),
    why: "Ana's teacher",
};

/// A teacher without sections.
pub const TOM_IDLE: SandboxPerson = SandboxPerson {
    role: RoleKind::Teacher,
    sis_id: "T02",
    first: "Tom",
    last: "Idle",
    login_name: "tom.idle",
    password: "lonely-desk-84",
    email: Some("tom.idle@ada.example"),
    why: "a teacher with no sections",
};

/// One person with three roles.
pub const AMARA_OKAFOR: SandboxPerson = SandboxPerson {
    role: RoleKind::Teacher,
    sis_id: "T03",
    first: "Amara",
    last: "Okafor",
    login_name: "amara.okafor",
    password: "triple-crown-33",
    email: Some("amara.okafor@ada.example"),
    why: "teacher, staff and district administrator with one email: one person, three roles",
};

/// Staff and nothing else.
pub const ROSA_DELGADO: SandboxPerson = SandboxPerson {
    role: RoleKind::Staff,
    sis_id: "S01",
    first: "Rosa",
    last: "Delgado",
    login_name: "rosa.delgado",
    password: "friendly-office-55",
    email: Some("rosa.delgado@ada.example"),
    why: "staff of one school and nothing else",
};

/// Staff of the unshared school.
pub const PAT_KOWALSKI: SandboxPerson = SandboxPerson {
    role: RoleKind::Staff,
    sis_id: "S03",
    first: "Pat",
    last: "Kowalski",
    login_name: "pat.kowalski",
    password: "steady-anchor-71",
    email: Some("pat.kowalski@ada.example"),
    why: "staff of the high school, which the demo does not share",
};

/// Staff of no school.
pub const SAM_RIVERS: SandboxPerson = SandboxPerson {
    role: RoleKind::Staff,
    sis_id: "S04",
    first: "Sam",
    last: "Rivers",
    login_name: "sam.rivers",
    password: "cedar-compass-29",
    email: Some("sam.rivers@ada.example"),
    why: "staff of the district and of no school",
};

/// District administrator and nothing else.
pub const LIN_ZHOU: SandboxPerson = SandboxPerson {
    role: RoleKind::DistrictAdmin,
    sis_id: "S05",
    first: "Lin",
    last: "Zhou",
    login_name: "lin.zhou",
    password: "granite-garden-94",
    email: Some("lin.zhou@ada.example"),
    why: "district administrator and nothing else",
};
