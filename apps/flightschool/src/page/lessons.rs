//! What awaits each pilot: three things, by role and by grade.

use firstbell_client::RoleKind;

use crate::grade::Grade;

/// Something to do next.
pub(super) struct Lesson {
    pub(super) title: &'static str,
    pub(super) text: &'static str,
    pub(super) minutes: u8,
}

/// Three lessons for a role; students get theirs by grade, if they told it.
pub(super) fn for_view(view: Option<RoleKind>, grade: Grade) -> &'static [Lesson; 3] {
    match (view, grade) {
        (Some(RoleKind::Teacher), _) => &TEACHERS,
        (Some(RoleKind::Staff), _) => &STAFF,
        (Some(RoleKind::DistrictAdmin), _) => &DISTRICT,
        (Some(RoleKind::Student), Grade::In(level)) => match level.number() {
            0..=2 => &FIRST_FOLDS,
            3..=5 => &GLIDERS,
            6..=8 => &FORCES,
            _ => &NAVIGATION,
        },
        (Some(RoleKind::Student) | None, _) => &GLIDERS,
    }
}

const fn lesson(title: &'static str, text: &'static str, minutes: u8) -> Lesson {
    Lesson { title, text, minutes }
}

const FIRST_FOLDS: [Lesson; 3] = [
    lesson("Fold your first plane", "Five folds, and it flies.", 10),
    lesson("Gently or hard?", "Throw it both ways. Which way goes farther?", 10),
    lesson("Who stays up longest?", "Count out loud until it lands.", 15),
];

const GLIDERS: [Lesson; 3] = [
    lesson("Why wings lift", "Blow over a strip of paper and watch it rise.", 15),
    lesson("Trim your glider", "Bend the tail a little, and make it fly straight.", 20),
    lesson("Land on the line", "Three throws, one chalk line, one measuring tape.", 20),
];

const FORCES: [Lesson; 3] = [
    lesson("Four forces", "Lift, weight, thrust, drag: find each one on a paper plane.", 25),
    lesson("Stall and recover", "Move a paper clip until the nose drops by itself.", 25),
    lesson("A fair test", "Change one thing, throw ten times, draw the graph.", 40),
];

const NAVIGATION: [Lesson; 3] = [
    lesson("The lift equation", "Which of its four terms can you change with scissors?", 40),
    lesson("Read the weather", "Turn an airport’s report into go or no-go.", 30),
    lesson("Plan a crossing", "Heading, wind and time for a flight of 100 miles.", 45),
];

const TEACHERS: [Lesson; 3] = [
    lesson("Today’s briefing", "Why wings lift, with a demonstration for the front desk.", 15),
    lesson("Folding sheets", "Three planes on one page, ready to copy.", 5),
    lesson("The fair test", "A table for ten throws, and questions that start a discussion.", 40),
];

const STAFF: [Lesson; 3] = [
    lesson("Runway in the gym", "Tape, cones and a start list for four classes.", 20),
    lesson("Paper and clips", "What one grade uses in a week.", 5),
    lesson("Flying day", "A plan for the whole school, rain or shine.", 30),
];

const DISTRICT: [Lesson; 3] = [
    lesson("Which schools fly", "Check that every school that wants FlightSchool has it.", 10),
    lesson("What we keep", "Name, email address, role, and the grade a student tells us.", 5),
    lesson("Science week", "One plan for all schools, with a certificate to sign.", 30),
];
