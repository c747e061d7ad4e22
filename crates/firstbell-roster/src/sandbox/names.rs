//! Names of many languages, each with its letters of the keyboard for login names, and words for
//! passwords that a child can type.

use super::dice::Dice;

/// A name and its login form.
pub(super) type Name = (&'static str, &'static str);

#[rustfmt::skip]
const FIRST_NAMES: &[Name] = &[
    ("Aaliyah", "aaliyah"), ("Adrián", "adrian"), ("Aïcha", "aicha"), ("Akira", "akira"),
    ("Alba", "alba"), ("Aleksander", "aleksander"), ("Amina", "amina"), ("Anaïs", "anais"),
    ("Andrés", "andres"), ("Anjali", "anjali"), ("Arjun", "arjun"), ("Åsa", "asa"),
    ("Ava", "ava"), ("Ayşe", "ayse"), ("Beatriz", "beatriz"), ("Benjamin", "benjamin"),
    ("Björn", "bjorn"), ("Camila", "camila"), ("Carlos", "carlos"), ("Charlotte", "charlotte"),
    ("Chidi", "chidi"), ("Chiara", "chiara"), ("Dalia", "dalia"), ("Daniel", "daniel"),
    ("Đặng", "dang"), ("Elena", "elena"), ("Elif", "elif"), ("Emeka", "emeka"),
    ("Emma", "emma"), ("Étienne", "etienne"), ("Eszter", "eszter"), ("Fatima", "fatima"),
    ("Felix", "felix"), ("Gabriela", "gabriela"), ("Hana", "hana"), ("Haruto", "haruto"),
    ("Hugo", "hugo"), ("Imani", "imani"), ("Inés", "ines"), ("Isaac", "isaac"),
    ("Jada", "jada"), ("Jakub", "jakub"), ("Joaquín", "joaquin"), ("José", "jose"),
    ("Kai", "kai"), ("Keoni", "keoni"), ("Kofi", "kofi"), ("Leila", "leila"),
    ("Liam", "liam"), ("Łucja", "lucja"), ("Lucía", "lucia"), ("Mateo", "mateo"),
    ("Maya", "maya"), ("Mei", "mei"), ("Mia", "mia"), ("Minh", "minh"),
    ("Nadia", "nadia"), ("Naomi", "naomi"), ("Noah", "noah"), ("Olga", "olga"),
    ("Oliver", "oliver"), ("Omar", "omar"), ("Renée", "renee"), ("Ruth", "ruth"),
    ("Saanvi", "saanvi"), ("Sofía", "sofia"), ("Søren", "soren"), ("Tala", "tala"),
    ("Thiago", "thiago"), ("Uma", "uma"), ("Valentina", "valentina"), ("Wei", "wei"),
    ("Yara", "yara"), ("Yusuf", "yusuf"), ("Zuri", "zuri"), ("Ömer", "omer"),
    ("محمد", "mohammed"), ("فاطمة", "fatma"), ("美咲", "misaki"), ("민준", "minjun"),
    ("Анна", "anna"), ("Ιάσων", "iason"), ("नेहा", "neha"), ("דוד", "david"),
];

#[rustfmt::skip]
const LAST_NAMES: &[Name] = &[
    ("Abara", "abara"), ("Acosta", "acosta"), ("Aguilar", "aguilar"), ("Ahmadi", "ahmadi"),
    ("Andersson", "andersson"), ("Banerjee", "banerjee"), ("Baptiste", "baptiste"),
    ("Begay", "begay"), ("Bello", "bello"), ("Björklund", "bjorklund"), ("Boateng", "boateng"),
    ("Castañeda", "castaneda"), ("Chen", "chen"), ("Cohen", "cohen"), ("Contreras", "contreras"),
    ("D'Angelo", "dangelo"), ("da Silva", "dasilva"), ("Delacroix", "delacroix"),
    ("Diallo", "diallo"), ("Dvořák", "dvorak"), ("Eze", "eze"), ("Fernández", "fernandez"),
    ("Fitzgerald", "fitzgerald"), ("Fischer", "fischer"), ("García", "garcia"),
    ("Gómez-Ruiz", "gomez-ruiz"), ("Greene", "greene"), ("Gutiérrez", "gutierrez"),
    ("Haddad", "haddad"), ("Hansen", "hansen"), ("Hernández", "hernandez"), ("Hoang", "hoang"),
    ("Ibáñez", "ibanez"), ("Iwasaki", "iwasaki"), ("Jensen", "jensen"), ("Kahale", "kahale"),
    ("Kaya", "kaya"), ("Kim", "kim"), ("Kovács", "kovacs"), ("Kowalczyk", "kowalczyk"),
    ("Larsson", "larsson"), ("Lindqvist", "lindqvist"), ("López", "lopez"), ("Mbeki", "mbeki"),
    ("McAllister", "mcallister"), ("Mensah", "mensah"), ("Meyer", "meyer"), ("Moreau", "moreau"),
    ("Muñoz", "munoz"), ("Nakamura", "nakamura"), ("Ndiaye", "ndiaye"), ("Nguyễn", "nguyen"),
    ("Novák", "novak"), ("O'Brien", "obrien"), ("Okonkwo", "okonkwo"), ("Oyelaran", "oyelaran"),
    ("Park", "park"), ("Patel", "patel"), ("Peña", "pena"), ("Petrova", "petrova"),
    ("Quintero", "quintero"), ("Rao", "rao"), ("Reyes", "reyes"), ("Romero", "romero"),
    ("Rossi", "rossi"), ("Saito", "saito"), ("Santos", "santos"), ("Schäfer", "schafer"),
    ("Singh", "singh"), ("Smith-Jones", "smith-jones"), ("Sørensen", "sorensen"),
    ("Tanaka", "tanaka"), ("Tran", "tran"), ("Usman", "usman"), ("Vargas", "vargas"),
    ("Washington", "washington"), ("Wójcik", "wojcik"), ("Yamamoto", "yamamoto"),
    ("Yıldız", "yildiz"), ("Zamora", "zamora"), ("Zhang", "zhang"), ("王", "wang"),
    ("حسن", "hassan"), ("김", "gim"), ("Иванова", "ivanova"), ("Παππάς", "pappas"),
];

const QUALITIES: &[&str] = &[
    "amber", "bright", "brave", "calm", "cedar", "clever", "copper", "cozy", "crimson", "crystal",
    "gentle", "golden", "granite", "happy", "hidden", "honest", "indigo", "jolly", "kind",
    "little", "lucky", "maple", "mellow", "misty", "noble", "paper", "polar", "proud", "quiet",
    "rapid", "royal", "sandy", "silver", "snowy", "sunny", "swift", "velvet", "violet", "warm",
    "winter",
];

const THINGS: &[&str] = &[
    "anchor", "apple", "beacon", "bridge", "button", "candle", "canyon", "castle", "cloud",
    "comet", "compass", "dragon", "engine", "falcon", "forest", "garden", "harbor", "island",
    "kettle", "kite", "ladder", "lantern", "lemon", "meadow", "mirror", "mountain", "ocean",
    "orchard", "otter", "panda", "pebble", "piano", "planet", "rabbit", "river", "rocket",
    "sparrow", "temple", "tiger", "window",
];

/// A password that can be read out across a classroom: `maple-river-42`.
pub(super) fn password(dice: &mut Dice) -> String {
    let (quality, thing) = (dice.word(QUALITIES), dice.word(THINGS));
    format!("{quality}-{thing}-{}", 10 + dice.below(90))
}

/// A first and a last name.
pub(super) fn name(dice: &mut Dice) -> (Name, Name) {
    let one_of = |from: &[Name], dice: &mut Dice| dice.pick(from).copied().unwrap_or_default();
    (one_of(FIRST_NAMES, dice), one_of(LAST_NAMES, dice))
}
