//! What districts have said about applications: connected, paused, blocked, and whom they share.

use std::collections::HashMap;

use firstbell_core::application::{Connection, ConnectionState, DataGroup, Sharing, SharingRule};
use firstbell_core::id::{ApplicationId, DistrictId};
use firstbell_core::roster::RoleKind;

use crate::applications::{named, raise_settings_version};
use crate::backend::{FromBytes, Row, Value};
use crate::error::StoreError;
use crate::queries::queries;
use crate::store::Tx;

queries! {
    CONNECTIONS = "SELECT application_id, district_id, state, all_staff, since FROM connections \
                   ORDER BY application_id, district_id";
    RULES = "SELECT application_id, district_id, position FROM connection_rules \
             ORDER BY application_id, district_id, position";
    PARTS = "SELECT application_id, district_id, position, part, id, word \
             FROM connection_rule_parts ORDER BY number";
    GROUPS = "SELECT application_id, district_id, data_group FROM connection_groups";
    FORGET_GROUPS = "DELETE FROM connection_groups WHERE application_id = $1 AND district_id = $2";
    ADD_GROUP = "INSERT INTO connection_groups (application_id, district_id, data_group) \
                 VALUES ($1, $2, $3)";
    CONNECT = "INSERT INTO connections (application_id, district_id, state, all_staff, since) \
               VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (application_id, district_id) DO UPDATE SET state = excluded.state, \
               all_staff = excluded.all_staff, since = excluded.since";
    SET_STATE =
        "UPDATE connections SET state = $1 WHERE application_id = $2 AND district_id = $3";
    FORGET_PARTS =
        "DELETE FROM connection_rule_parts WHERE application_id = $1 AND district_id = $2";
    FORGET_RULES = "DELETE FROM connection_rules WHERE application_id = $1 AND district_id = $2";
    ADD_RULE = "INSERT INTO connection_rules (application_id, district_id, position) \
                VALUES ($1, $2, $3)";
    ADD_PART = "INSERT INTO connection_rule_parts \
                (application_id, district_id, position, part, id, word) \
                VALUES ($1, $2, $3, $4, $5, $6)";
}

const SCHOOL: &str = "school";
const SECTION: &str = "section";
const GRADE: &str = "grade";
const SUBJECT: &str = "subject";
const ROLE: &str = "role";

impl Tx<'_> {
    /// Records what a district says about an application, and whom it shares.
    ///
    /// # Errors
    /// When the database fails, or has no such district or application.
    pub fn connect(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let (application, district) = (connection.application, connection.district);
        let pair: [Value<'_>; 2] = [application.into(), district.into()];
        let values = [
            application.into(),
            district.into(),
            connection.state.name().into(),
            i64::from(connection.sharing.all_staff).into(),
            connection.since.into(),
        ];
        self.run(CONNECT, &values)?;
        self.end_district_token(connection.state, application, district)?;
        self.run(FORGET_PARTS, &pair)?;
        self.run(FORGET_RULES, &pair)?;
        self.run(FORGET_GROUPS, &pair)?;
        for group in connection.sharing.groups.iter() {
            self.run(ADD_GROUP, &[application.into(), district.into(), group.name().into()])?;
        }
        for (position, rule) in (1i64..).zip(&connection.sharing.rules) {
            self.run(ADD_RULE, &[application.into(), district.into(), position.into()])?;
            for (part, id, word) in parts(rule) {
                let values =
                    [application.into(), district.into(), position.into(), part.into(), id, word];
                self.run(ADD_PART, &values)?;
            }
        }
        self.note_connection(connection)?;
        raise_settings_version(self)
    }

    /// Changes only whether a district lets an application in; whether it had said anything about
    /// it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn set_connection_state(
        &mut self,
        application: ApplicationId,
        district: DistrictId,
        state: ConnectionState,
    ) -> Result<bool, StoreError> {
        let values = [state.name().into(), application.into(), district.into()];
        let found = self.run(SET_STATE, &values)? > 0;
        self.end_district_token(state, application, district)?;
        self.note_connections(application, Some(district))?;
        raise_settings_version(self)?;
        Ok(found)
    }
}

type Part<'r> = (&'static str, Value<'r>, Value<'r>);

/// The rows of a rule: for each part one without value, and one for each of its values.
fn parts(rule: &SharingRule) -> Vec<Part<'_>> {
    fn add<'r, T>(
        rows: &mut Vec<Part<'r>>,
        part: &'static str,
        values: Option<&'r Vec<T>>,
        row: impl Fn(&'r T) -> (Value<'r>, Value<'r>),
    ) {
        let Some(values) = values else { return };
        rows.push((part, Value::Null, Value::Null));
        rows.extend(values.iter().map(row).map(|(id, word)| (part, id, word)));
    }

    let mut rows = Vec::new();
    add(&mut rows, SCHOOL, rule.schools.as_ref(), |id| ((*id).into(), Value::Null));
    add(&mut rows, SECTION, rule.sections.as_ref(), |id| ((*id).into(), Value::Null));
    add(&mut rows, GRADE, rule.grades.as_ref(), |word| (Value::Null, word.as_str().into()));
    add(&mut rows, SUBJECT, rule.subjects.as_ref(), |word| (Value::Null, word.as_str().into()));
    add(&mut rows, ROLE, rule.roles.as_ref(), |kind| (Value::Null, kind.name().into()));
    rows
}

/// All of them, by application and district.
pub(crate) fn all(tx: &mut Tx<'_>) -> Result<Vec<Connection>, StoreError> {
    let mut rules: HashMap<(ApplicationId, DistrictId), Vec<(i64, SharingRule)>> = HashMap::new();
    tx.each(RULES, &[], |row| {
        let rule = (row.int(2)?, SharingRule::default());
        rules.entry((row.id(0)?, row.id(1)?)).or_default().push(rule);
        Ok(())
    })?;
    tx.each(PARTS, &[], |row| {
        let position = row.int(2)?;
        let of = rules.get_mut(&(row.id(0)?, row.id(1)?));
        let rule = of.and_then(|rules| rules.iter_mut().find(|(at, _)| *at == position));
        let (_, rule) = rule.ok_or(StoreError::Unreadable { column: 2 })?;
        add_part(rule, row)
    })?;
    let mut groups: HashMap<(ApplicationId, DistrictId), Vec<DataGroup>> = HashMap::new();
    tx.each(GROUPS, &[], |row| {
        let group = named(row, 2, &DataGroup::ALL, DataGroup::name)?;
        groups.entry((row.id(0)?, row.id(1)?)).or_default().push(group);
        Ok(())
    })?;
    tx.all(CONNECTIONS, &[], |row| {
        let (application, district) = (row.id(0)?, row.id(1)?);
        let rules = rules.remove(&(application, district)).unwrap_or_default();
        let groups = groups.remove(&(application, district)).unwrap_or_default();
        Ok(Connection {
            application,
            district,
            state: named(row, 2, &ConnectionState::ALL, ConnectionState::name)?,
            sharing: Sharing {
                rules: rules.into_iter().map(|(_, rule)| rule).collect(),
                all_staff: row.int(3)? != 0,
                groups: groups.into_iter().collect(),
            },
            since: row.time(4)?,
        })
    })
}

fn add_part(rule: &mut SharingRule, row: &Row<'_>) -> Result<(), StoreError> {
    fn ids<T: FromBytes>(list: &mut Option<Vec<T>>, row: &Row<'_>) -> Result<(), StoreError> {
        list.get_or_insert_default().extend(row.opt_id(4)?);
        Ok(())
    }

    fn words(list: &mut Option<Vec<String>>, row: &Row<'_>) -> Result<(), StoreError> {
        list.get_or_insert_default().extend(row.opt_string(5)?);
        Ok(())
    }

    match row.text(3)? {
        SCHOOL => ids(&mut rule.schools, row),
        SECTION => ids(&mut rule.sections, row),
        GRADE => words(&mut rule.grades, row),
        SUBJECT => words(&mut rule.subjects, row),
        ROLE => {
            rule.roles.get_or_insert_default().extend(row.opt_parsed::<RoleKind>(5)?);
            Ok(())
        }
        // A part that is not understood must not widen the rule.
        _ => Err(StoreError::Unreadable { column: 3 }),
    }
}
