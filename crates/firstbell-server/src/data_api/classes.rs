//! Sections and who is in them, for tokens of the Classroom tier: what is loaded, and what sharing
//! lets through of it.

use std::collections::HashSet;

use firstbell_core::application::{Connection, ConnectionState};
use firstbell_core::id::{DistrictId, RoleId, SectionId};
use firstbell_core::roster::{RoleKind, User};
use firstbell_core::sharing::{
    self, Case, Classroom, Entry, Member, Needs, OutOfScope, SectionView, Ties, View,
};
use firstbell_store::{StoreError, Tx};

use crate::app::App;
use crate::extract::Bearer;
use crate::reply::data_json::DataFault;

/// The sections that a token reads, or one of them.
pub struct Classes {
    bearer: Bearer,
    rooms: Vec<Room>,
}

/// A section, and its people with what is needed to say whether they are told.
struct Room {
    classroom: Classroom,
    teachers: Vec<(User, Ties)>,
    students: Vec<(User, Ties)>,
}

impl Classes {
    /// All sections that the token reads.
    ///
    /// # Errors
    /// When the application's tier shares none, or the database fails.
    pub async fn all(app: &App, bearer: Bearer) -> Result<Self, DataFault> {
        sharing::reads_sections(bearer.application()?.tier)?;
        let bearer = bearer.with_sections(app).await?;

        let ids = sharing::reach_section(&bearer.case()?, &bearer.entry()?);

        Self::load(app, bearer, ids).await
    }

    /// The section with this id.
    ///
    /// # Errors
    /// When the token does not read it, or the database fails.
    pub async fn one(app: &App, bearer: Bearer, asked: SectionId) -> Result<Self, DataFault> {
        sharing::reads_sections(bearer.application()?.tier)?;
        let bearer = bearer.with_sections(app).await?;

        let ids = sharing::reach_section(&bearer.case()?, &bearer.entry()?);
        if !ids.contains(&asked) {
            return Err(OutOfScope.into());
        }

        Self::load(app, bearer, vec![asked]).await
    }

    async fn load(app: &App, bearer: Bearer, mut ids: Vec<SectionId>) -> Result<Self, DataFault> {
        ids.sort_unstable();
        ids.dedup();
        let district = bearer.grant.district;
        let application = bearer.application()?;
        let connection = bearer.settings().connection(application.id, district);
        let needs = needs_of_others(Needs::of(application, connection), connection);
        let rooms = app
            .store()
            .read_at_length(move |tx| {
                let rooms = ids.iter().map(|id| room(tx, district, *id, needs));
                rooms.collect::<Result<Vec<_>, StoreError>>()
            })
            .await?;
        Ok(Self { bearer, rooms: rooms.into_iter().flatten().collect() })
    }

    /// The token.
    pub fn bearer(&self) -> &Bearer {
        &self.bearer
    }

    /// The sections as the application sees them.
    ///
    /// # Errors
    /// When the person may no longer enter.
    pub fn sections(&self) -> Result<Vec<SectionView<'_>>, DataFault> {
        let entry = self.bearer.entry()?;
        let mut views = Vec::with_capacity(self.rooms.len());
        for room in &self.rooms {
            let Room { classroom, teachers, students } = room;
            let mut told = self.told(&entry, &classroom.teachers, teachers)?;
            told.extend(self.told(&entry, &classroom.students, students)?.iter().copied());
            let is_told = |member: &Member| told.contains(&member.role);
            let district = self.bearer.grant.district;
            views.push(sharing::section_view(district, classroom, &entry, is_told));
        }
        Ok(views)
    }

    /// The people of the sections as the application sees them there: the students, and the teacher
    /// whose token it is. Other teachers have not agreed to anything.
    ///
    /// # Errors
    /// When the token does not read who is in its sections.
    pub fn people(&self, role: Option<RoleKind>) -> Result<Vec<View<'_>>, DataFault> {
        let (application, entry) = (self.bearer.application()?, self.bearer.entry()?);
        sharing::reach_classmates(&entry)?;
        let mut views = Vec::new();
        let rooms = self.rooms.iter().filter(|_| role.is_none_or(|it| it == RoleKind::Student));
        for Room { classroom, students, .. } in rooms {
            let told = self.told(&entry, &classroom.students, students)?;
            for (student, _) in students {
                if let Some(learns) = student.roles.iter().find(|it| told.contains(&it.id)) {
                    let by = entry.authorized_by;
                    views.push(sharing::classmate(application, student, learns, by));
                }
            }
        }
        let teaches = entry.roles.iter().find(|role| role.kind == RoleKind::Teacher);
        if let Some(teaches) = teaches.filter(|_| role.is_none_or(|it| it == RoleKind::Teacher)) {
            let by = entry.authorized_by;
            views.push(sharing::classmate(application, &self.bearer.user, teaches, by));
        }
        Ok(views)
    }

    /// The roles of these members that are told, each in the role in which somebody is there.
    fn told(
        &self,
        entry: &Entry<'_>,
        members: &[Member],
        people: &[(User, Ties)],
    ) -> Result<HashSet<RoleId>, DataFault> {
        let mut told = HashSet::with_capacity(members.len());
        for member in members {
            // People stand by their ids.
            let found = people.binary_search_by_key(&member.user, |(user, _)| user.id);
            let Some((user, ties)) = found.ok().and_then(|at| people.get(at)) else { continue };
            let Some(role) = user.role_by_id(member.role) else { continue };
            let case = Case { user, login_role: role.id, ties, ..self.bearer.case()? };
            if sharing::is_told(&case, role, entry.authorized_by) {
                told.insert(role.id);
            }
        }
        Ok(told)
    }
}

/// What must be known of the others in a section: nothing where a teacher shares it.
fn needs_of_others(needs: Needs, connection: Option<&Connection>) -> Needs {
    match connection {
        Some(connection) if connection.state == ConnectionState::Active => needs,
        _ => Needs::default(),
    }
}

fn room(
    tx: &mut Tx<'_>,
    district: DistrictId,
    id: SectionId,
    needs: Needs,
) -> Result<Option<Room>, StoreError> {
    let mut district = tx.district(district);
    let Some(classroom) = district.classroom(id)? else { return Ok(None) };
    let (teachers, students) = (district.teachers_of(id)?, district.students_of(id)?);
    let mut tied = |people: Vec<User>| {
        let with_ties = |user: User| {
            let nothing = needs.is_nothing();
            let ties = if nothing { Ties::default() } else { district.ties_of(&user, needs)? };
            Ok((user, ties))
        };
        people.into_iter().map(with_ties).collect::<Result<Vec<_>, StoreError>>()
    };
    Ok(Some(Room { teachers: tied(teachers)?, students: tied(students)?, classroom }))
}
