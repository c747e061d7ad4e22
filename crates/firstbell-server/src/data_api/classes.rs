//! Sections and who is in them, for tokens of the Classroom tier: what is loaded, and what sharing
//! lets through of it.

use firstbell_core::application::{Connection, ConnectionState};
use firstbell_core::id::{DistrictId, SectionId};
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

/// A section, and its students with what is needed to say whether they are told.
struct Room {
    classroom: Classroom,
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
            let mut told = Vec::new();
            for (student, ties) in &room.students {
                if self.is_told(&entry, student, ties)? {
                    told.push(student.id);
                }
            }
            let is_told = |member: &Member| told.contains(&member.user);
            let district = self.bearer.grant.district;
            views.push(sharing::section_view(district, &room.classroom, &entry, is_told));
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
        for (student, ties) in self.rooms.iter().flat_map(|room| &room.students) {
            let learns = student.role(RoleKind::Student);
            if let Some(learns) = learns.filter(|_| role.is_none_or(|it| it == RoleKind::Student))
                && self.is_told(&entry, student, ties)?
            {
                views.push(sharing::classmate(application, student, learns, entry.authorized_by));
            }
        }
        let teaches = entry.roles.iter().find(|role| role.kind == RoleKind::Teacher);
        if let Some(teaches) = teaches.filter(|_| role.is_none_or(|it| it == RoleKind::Teacher)) {
            let by = entry.authorized_by;
            views.push(sharing::classmate(application, &self.bearer.user, teaches, by));
        }
        Ok(views)
    }

    fn is_told(&self, entry: &Entry<'_>, user: &User, ties: &Ties) -> Result<bool, DataFault> {
        let Some(learns) = user.role(RoleKind::Student) else { return Ok(false) };
        let case = Case { user, login_role: learns.id, ties, ..self.bearer.case()? };
        Ok(sharing::is_told(&case, learns, entry.authorized_by))
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
    let mut students = Vec::with_capacity(classroom.students.len());
    for student in district.students_of(id)? {
        let ties =
            if needs.is_nothing() { Ties::default() } else { district.ties_of(&student, needs)? };
        students.push((student, ties));
    }
    Ok(Some(Room { classroom, students }))
}
