//! What a OneRoster REST service of version 1.1 or 1.2 answers, written as the CSV tables of the
//! same version, so that there is one reader of OneRoster and one place where it is checked. The
//! objects of both are the same records: a reference is `{"sourcedId": …}` there and a cell
//! `…SourcedId` here, a list is an array there and a cell with commas here, and the roles of a user
//! of 1.2 are an array there and the rows of `roles.csv` here.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use firstbell_core::roster::sync::OneRosterVersion;
use serde_json::{Map, Value};

use super::OneRosterFile;
use crate::private;
use crate::sheet::Sheet;

/// A collection of a service that a roster is made of, in the order in which they are fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Collection {
    /// Schools, and what they belong to.
    Orgs,
    /// Terms.
    AcademicSessions,
    /// Courses.
    Courses,
    /// Classes.
    Classes,
    /// People.
    Users,
    /// Who is in which class.
    Enrollments,
    /// Births and origins, which a service may keep to itself.
    Demographics,
    /// What is learned with, which a service may not have.
    Resources,
}

impl Collection {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Orgs,
        Self::AcademicSessions,
        Self::Courses,
        Self::Classes,
        Self::Users,
        Self::Enrollments,
        Self::Demographics,
        Self::Resources,
    ];

    /// The last part of its path, and the name of the array in the reply.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Orgs => "orgs",
            Self::AcademicSessions => "academicSessions",
            Self::Courses => "courses",
            Self::Classes => "classes",
            Self::Users => "users",
            Self::Enrollments => "enrollments",
            Self::Demographics => "demographics",
            Self::Resources => "resources",
        }
    }

    /// Where it is below the root of a service (`/ims/oneroster`).
    pub fn path(self, version: OneRosterVersion) -> String {
        let part = match (version, self) {
            (OneRosterVersion::OneOne, _) => "v1p1",
            (OneRosterVersion::OneTwo, Self::Resources) => "resources/v1p2",
            (OneRosterVersion::OneTwo, _) => "rostering/v1p2",
        };
        format!("{part}/{}", self.name())
    }

    /// Whether there is no roster without it.
    pub const fn is_required(self) -> bool {
        !matches!(self, Self::Demographics | Self::Resources)
    }

    const fn file(self) -> OneRosterFile {
        match self {
            Self::Orgs => OneRosterFile::Orgs,
            Self::AcademicSessions => OneRosterFile::AcademicSessions,
            Self::Courses => OneRosterFile::Courses,
            Self::Classes => OneRosterFile::Classes,
            Self::Users => OneRosterFile::Users,
            Self::Enrollments => OneRosterFile::Enrollments,
            Self::Demographics => OneRosterFile::Demographics,
            Self::Resources => OneRosterFile::Resources,
        }
    }
}

/// Why replies did not become tables.
#[derive(Debug, thiserror::Error)]
pub enum TablesError {
    /// A table cannot be written.
    #[error("{path} cannot be written")]
    Unwritable {
        /// The table.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// An item of a collection is no object.
    #[error("an item of {0} is no object")]
    NoObject(&'static str),
}

/// The tables of a service's replies, while they are written.
#[derive(Debug)]
pub struct Tables {
    folder: PathBuf,
    version: OneRosterVersion,
    open: BTreeMap<OneRosterFile, BufWriter<File>>,
}

impl Tables {
    /// Tables in this folder, which is there and empty.
    pub fn new(folder: &Path, version: OneRosterVersion) -> Self {
        Self { folder: folder.to_owned(), version, open: BTreeMap::new() }
    }

    /// Says that a collection was fetched, also where it is empty: its table begins.
    ///
    /// # Errors
    /// [`TablesError::Unwritable`].
    pub fn begin(&mut self, collection: Collection) -> Result<(), TablesError> {
        self.table(collection.file())?;
        match (collection, self.version) {
            (Collection::Users, OneRosterVersion::OneTwo) => self.table(OneRosterFile::Roles)?,
            (Collection::Resources, _) => {
                self.table(OneRosterFile::CourseResources)?;
                self.table(OneRosterFile::ClassResources)?
            }
            _ => return Ok(()),
        };
        Ok(())
    }

    /// Writes items of a collection that has begun.
    ///
    /// # Errors
    /// See [`TablesError`].
    pub fn write(&mut self, collection: Collection, items: &[Value]) -> Result<(), TablesError> {
        for item in items {
            let Value::Object(item) = item else {
                return Err(TablesError::NoObject(collection.name()));
            };
            self.row(collection.file(), |column| cell(item, column))?;
            match (collection, self.version) {
                (Collection::Users, OneRosterVersion::OneTwo) => self.roles(item)?,
                (Collection::Courses, _) => self.resources(item, OneRosterFile::CourseResources)?,
                (Collection::Classes, _) => self.resources(item, OneRosterFile::ClassResources)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// The rows of `roles.csv` of a user of 1.2.
    fn roles(&mut self, user: &Map<String, Value>) -> Result<(), TablesError> {
        let id = cell(user, "sourcedId");
        for (nth, role) in array(user, "roles").iter().enumerate() {
            let Value::Object(role) = role else {
                return Err(TablesError::NoObject("roles"));
            };
            self.row(OneRosterFile::Roles, |column| match column {
                "sourcedId" => format!("{id}:{nth}"),
                "userSourcedId" => id.clone(),
                // That of the user holds.
                "status" => String::new(),
                _ => cell(role, column),
            })?;
        }
        Ok(())
    }

    /// Which resources a course or class says that it has.
    fn resources(
        &mut self,
        of: &Map<String, Value>,
        file: OneRosterFile,
    ) -> Result<(), TablesError> {
        let id = cell(of, "sourcedId");
        for resource in array(of, "resources") {
            let resource = reference(resource);
            self.row(file, |column| match column {
                "sourcedId" => format!("{id}:{resource}"),
                "courseSourcedId" | "classSourcedId" => id.clone(),
                "resourceSourcedId" => resource.clone(),
                _ => String::new(),
            })?;
        }
        Ok(())
    }

    /// Ends the tables with the manifest.
    ///
    /// # Errors
    /// [`TablesError::Unwritable`].
    pub fn finish(mut self) -> Result<(), TablesError> {
        let has_resources = self.open.contains_key(&OneRosterFile::Resources);
        if !has_resources {
            // They name resources of which nothing is known.
            for file in [OneRosterFile::CourseResources, OneRosterFile::ClassResources] {
                if self.open.remove(&file).is_some() {
                    let path = self.path(file);
                    std::fs::remove_file(&path).map_err(unwritable(path))?;
                }
            }
        }
        let there: Vec<_> = self.open.keys().copied().collect();
        let version = self.version.text().to_owned();
        let mut properties = vec![("oneroster.version".to_owned(), version)];
        properties.push(("manifest.version".to_owned(), "1.0".to_owned()));
        for file in OneRosterFile::ALL.into_iter().filter(|it| *it != OneRosterFile::Manifest) {
            let stem = file.name().trim_end_matches(".csv");
            let mode = if there.contains(&file) { "bulk" } else { "absent" };
            properties.push((format!("file.{stem}"), mode.to_owned()));
        }
        for (name, value) in properties {
            self.row(OneRosterFile::Manifest, |column| match column {
                "propertyName" => name.clone(),
                _ => value.clone(),
            })?;
        }
        let folder = self.folder;
        for (file, mut table) in self.open {
            table.flush().map_err(unwritable(folder.join(file.name())))?;
        }
        Ok(())
    }

    fn path(&self, file: OneRosterFile) -> PathBuf {
        self.folder.join(file.name())
    }

    fn row(
        &mut self,
        file: OneRosterFile,
        cell: impl FnMut(&'static str) -> String,
    ) -> Result<(), TablesError> {
        let path = self.path(file);
        let cells: Vec<_> = file.columns().iter().map(|column| column.name).map(cell).collect();
        let table = self.table(file)?;
        Sheet::new(table).row(&cells).map_err(unwritable(path))
    }

    /// The table, which has its header.
    fn table(&mut self, file: OneRosterFile) -> Result<&mut BufWriter<File>, TablesError> {
        use std::collections::btree_map::Entry;

        let path = self.path(file);
        match self.open.entry(file) {
            Entry::Occupied(table) => Ok(table.into_mut()),
            Entry::Vacant(place) => {
                let made = private::file(&path).map_err(unwritable(path.clone()))?;
                let table = place.insert(BufWriter::new(made));
                let names: Vec<_> = file.columns().iter().map(|column| column.name).collect();
                Sheet::new(table).row(&names).map_err(unwritable(path))?;
                Ok(table)
            }
        }
    }
}

fn unwritable(path: PathBuf) -> impl FnOnce(io::Error) -> TablesError {
    move |cause| TablesError::Unwritable { path, cause }
}

/// What an object has in this column of its table.
fn cell(item: &Map<String, Value>, column: &str) -> String {
    if let Some(found) = item.get(column) {
        return text(found);
    }
    if let Some(list) = column.strip_suffix("SourcedIds") {
        let all: Vec<_> = array(item, &format!("{list}s")).iter().map(reference).collect();
        return all.join(",");
    }
    let one = column.strip_suffix("SourcedId").and_then(|name| item.get(name));
    one.map(reference).unwrap_or_default()
}

fn array<'v>(item: &'v Map<String, Value>, name: &str) -> &'v [Value] {
    item.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The id of the record that a reference leads to.
fn reference(reference: &Value) -> String {
    reference.get("sourcedId").map(text).unwrap_or_default()
}

/// A value as a cell; what has no place in one is empty.
fn text(value: &Value) -> String {
    match value {
        Value::Null | Value::Object(_) => String::new(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(","),
    }
}

#[cfg(test)]
mod tests;
