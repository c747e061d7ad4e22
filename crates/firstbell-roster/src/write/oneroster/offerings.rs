//! Organisations, sessions, courses, classes and resources.

use firstbell_core::id::{CourseId, TermId};
use firstbell_core::roster::District;

use super::{Cells, Take, common_grade, filled, is_short, put, put_key, put_place_details};
use crate::write::{Keyed, Outgoing, Written, each};

/// `orgs.csv`: the district, and its schools below it.
pub(super) fn orgs<O: Outgoing>(
    roster: &mut O,
    district: &District,
    take: Take<'_, O::Error>,
) -> Result<(), O::Error> {
    let top = district.id.hex();
    take(&filled([("sourcedId", &*top), ("name", &district.name), ("type", "district")]))?;
    each(roster, O::schools, |_, school| {
        let mut cells = filled([
            ("sourcedId", &*school.id.hex()),
            ("name", &school.name),
            ("type", "school"),
            ("identifier", &school.number),
            ("parentSourcedId", &top),
        ]);
        put_key(&mut cells, Some(&school.sis_id));
        put_place_details(&mut cells, &school.details, |_| false);
        take(&cells)
    })
}

/// Puts the title, or another where there is none: the table wants one.
fn put_title(cells: &mut Cells, title: &str, otherwise: &str) {
    if title.is_empty() {
        put(cells, "metadata.firstbell.unnamed", "true");
    }
    put(cells, "title", if title.is_empty() { otherwise } else { title });
}

/// `academicSessions.csv`.
pub(super) fn sessions<O: Outgoing>(
    roster: &mut O,
    take: Take<'_, O::Error>,
) -> Result<(), O::Error> {
    each(roster, O::terms, |_, Keyed { record: term, key }| {
        let start = term.start_date.as_deref().unwrap_or_default();
        let end = term.end_date.as_deref().unwrap_or_default();
        // A school year is called after the year in which it ends; of a term no more is known.
        let year = if end.is_empty() { start } else { end };
        let mut cells = filled([
            ("sourcedId", &*term.id.hex()),
            ("type", "term"),
            ("startDate", start),
            ("endDate", end),
            ("schoolYear", year.get(..4).unwrap_or_default()),
        ]);
        put_title(&mut cells, &term.name, "-");
        put_key(&mut cells, key.as_deref());
        take(&cells)
    })
}

/// `courses.csv`.
pub(super) fn courses<O: Outgoing>(
    roster: &mut O,
    district: &District,
    take: Take<'_, O::Error>,
) -> Result<(), O::Error> {
    let top = district.id.hex();
    each(roster, O::courses, |_, Keyed { record: course, key }| {
        let mut cells = filled([
            ("sourcedId", &*course.id.hex()),
            ("courseCode", &course.number),
            ("orgSourcedId", &top),
        ]);
        let number = if course.number.is_empty() { "-" } else { &course.number };
        put_title(&mut cells, &course.name, number);
        put_key(&mut cells, key.as_deref());
        take(&cells)
    })
}

/// `classes.csv`.
pub(super) fn classes<O: Outgoing>(
    roster: &mut O,
    take: Take<'_, O::Error>,
) -> Result<(), O::Error> {
    each(roster, O::sections, |_, room| {
        let section = room.section;
        let detail = |name| section.details.get(name).unwrap_or_default();
        let grade = common_grade(detail("grade"));
        let number = Some(detail("section_number")).filter(|number| is_short(number));
        let course = section.course.map(CourseId::hex);
        let term = section.term.map(TermId::hex);
        let mut cells = filled([
            ("sourcedId", &*section.id.hex()),
            ("title", &section.name),
            ("grades", grade.unwrap_or_default()),
            ("courseSourcedId", course.as_deref().unwrap_or_default()),
            ("classCode", number.unwrap_or_default()),
            ("classType", "scheduled"),
            ("schoolSourcedId", &section.school.hex()),
            ("termSourcedIds", term.as_deref().unwrap_or_default()),
            ("subjects", detail("subject")),
            ("periods", detail("period")),
        ]);
        put_key(&mut cells, Some(&section.sis_id));
        put_place_details(&mut cells, &section.details, |name| match name {
            "grade" => grade.is_some(),
            "section_number" => number.is_some(),
            "subject" | "period" => true,
            _ => false,
        });
        take(&cells)
    })
}

/// `resources.csv`.
pub(super) fn resources<O: Outgoing>(
    roster: &mut O,
    written: &mut Written,
    take: Take<'_, O::Error>,
) -> Result<(), O::Error> {
    each(roster, O::resources, |_, resource| {
        let roles: Vec<_> = resource.roles.iter().map(|kind| kind.name()).collect();
        let mut cells = filled([
            ("sourcedId", &*resource.id.hex()),
            ("vendorResourceId", &resource.sis_id),
            ("title", &resource.title),
            ("roles", &roles.join(",")),
        ]);
        put_key(&mut cells, Some(&resource.sis_id));
        written.resources += 1;
        take(&cells)
    })
}

/// `courseResources.csv`.
pub(super) fn course_resources<O: Outgoing>(
    roster: &mut O,
    take: Take<'_, O::Error>,
) -> Result<(), O::Error> {
    each(roster, O::resources, |_, resource| {
        let id = resource.id.hex();
        for course in &resource.courses {
            let course = course.hex();
            take(&filled([
                ("sourcedId", &*format!("{}-{}", &*course, &*id)),
                ("title", &resource.title),
                ("courseSourcedId", &course),
                ("resourceSourcedId", &id),
            ]))?;
        }
        Ok(())
    })
}
