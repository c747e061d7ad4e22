//! Everything that can be wrong with a roster: a stable code, the reason in plain words, and what
//! to do about it. R1xx is the folder or zip, R2xx a file as text, R3xx its header, R4xx a row or
//! cell, R5xx records and their references, R6xx people and their logins.

/// Whether a problem keeps the roster out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing is imported until it is mended.
    Refusal,
    /// The import goes on; somebody should know.
    Warning,
}

/// The registry, one line of meaning and three of text each. A macro, so that a fault without a
/// code or a remedy cannot be written.
macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = $severity:ident $code:literal $reason:literal $remedy:literal;)*) => {
        /// What is wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum RosterFault { $($(#[$doc])* $name,)* }

        impl RosterFault {
            /// All faults, in the order of their codes.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The stable code, as documents and people who ask for help name it.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// Whether it keeps the roster out.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// What is wrong, in plain words.
            pub const fn reason(self) -> &'static str {
                match self { $(Self::$name => $reason,)* }
            }

            /// What to do about it.
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$name => $remedy,)* }
            }
        }
    };
}

faults! {
    /// The folder or zip file cannot be opened.
    SourceUnreadable = Refusal "R101"
        "the folder or zip file cannot be opened"
        "check the path, and that this account may read it";
    /// A required file is not there.
    FileMissing = Refusal "R102"
        "the file is missing; five files must come together"
        "add it: schools, students, teachers, sections and enrollments are all required";
    /// Two files have the same name.
    FileTwice = Refusal "R103"
        "two files have this name"
        "keep one of them: which one holds would be a guess";
    /// `admins.csv` is there and `staff.csv` is not.
    AdminsFileDeprecated = Warning "R104"
        "admins.csv is the older form of staff.csv, and read in its place"
        "rename it to staff.csv, its column Admin_email to Staff_email and Admin_title to Title";
    /// `admins.csv` is there beside `staff.csv`.
    AdminsFileIgnored = Warning "R105"
        "staff.csv is read, and admins.csv beside it is not"
        "remove admins.csv";
    /// A CSV file that no rule reads.
    FileUnknown = Warning "R106"
        "no rule reads this file"
        "nothing, unless its name is a slip of the pen";
    /// More bytes than an import takes.
    TooLarge = Refusal "R107"
        "more data than an import takes"
        "check that the export is of one district only";
    /// A zip file with more entries than a roster can have.
    TooManyEntries = Refusal "R108"
        "the zip file holds far more files than a roster has"
        "zip only the roster files";
    /// A zip file that expands beyond reason.
    ArchiveBomb = Refusal "R109"
        "the zip entry expands to more than a hundred times its size"
        "zip the files anew with an ordinary program, or import the folder";
    /// A zip entry whose path leads out of the archive.
    ArchivePath = Refusal "R110"
        "the zip entry's path leads out of the archive"
        "zip the files anew; do not trust whoever made this archive";
    /// A zip entry that asks for a password.
    ArchiveEncrypted = Refusal "R111"
        "the zip entry is encrypted"
        "zip the files without a password";
    /// A zip file that is cut off or damaged.
    ArchiveBroken = Refusal "R112"
        "the zip file is damaged or was cut off"
        "copy or make it again";
    /// A link, a device, a folder where a file should be.
    NotAFile = Refusal "R113"
        "this is a link, or not an ordinary file or folder"
        "put the file itself there (for a district its folder), not a link";
    /// A file that is known and has no place here.
    FileNotKept = Warning "R114"
        "what this file holds is not kept"
        "nothing: it may stay";
    /// A manifest of another version than those that are read.
    VersionUnknown = Refusal "R115"
        "the manifest does not say that this is OneRoster 1.1 or 1.2"
        "export version 1.1 or 1.2, with a line oneroster.version in manifest.csv";
    /// A file of changes where a whole roster is wanted.
    DeltaAlone = Refusal "R116"
        "the manifest says delta: the file holds changes only, and not what they change"
        "merge it with the last bulk files first, or export bulk files";
    /// A manifest that says something else than the folder shows.
    ManifestDisagrees = Refusal "R117"
        "the manifest says that this file is absent, and it is there"
        "say bulk of it in manifest.csv, or take the file away";
    /// A manifest with a word that nobody knows.
    ManifestWordUnknown = Refusal "R118"
        "the manifest says neither bulk nor delta nor absent of this file"
        "write one of the three in manifest.csv";

    /// UTF-16.
    Utf16 = Refusal "R201"
        "the file is in UTF-16, not in UTF-8"
        "in the spreadsheet choose Save as, type \"CSV UTF-8 (comma delimited)\"";
    /// A workbook, PDF or web page with the name of a CSV file.
    NotCsv = Refusal "R202"
        "the file is no CSV file, only named like one"
        "open it in the program it comes from and save it as \"CSV UTF-8 (comma delimited)\"";
    /// Bytes that are not UTF-8.
    NotUtf8 = Refusal "R203"
        "the letters are not in UTF-8 (they look like Latin-1 or Windows-1252)"
        "in the spreadsheet choose Save as, type \"CSV UTF-8 (comma delimited)\"";
    /// A NUL byte.
    NulByte = Refusal "R204"
        "the row holds a NUL byte"
        "export the file again; it was damaged or is not text";
    /// A line longer than an import takes.
    LineTooLong = Refusal "R205"
        "the row is longer than 1 MiB"
        "check the line ends and quotes near this line";
    /// A quote that opens and never closes.
    QuoteNeverClosed = Refusal "R206"
        "a quote opens on this line and never closes"
        "close the quote, or double it if it is part of the text (\"\")";
    /// Text after a closing quote.
    QuoteMisplaced = Refusal "R207"
        "text follows a closing quote"
        "double the quotes that are part of the text (\"\")";
    /// Reading failed half-way.
    FileUnreadable = Refusal "R208"
        "reading the file failed"
        "check that the file is whole and that this account may read it";
    /// Not even a header row.
    FileEmpty = Refusal "R209"
        "the file is empty; the first row must name the columns"
        "export the file again";
    /// Semicolons or tabs between the columns.
    WrongSeparator = Refusal "R210"
        "the columns are not separated by commas"
        "save the file with commas between the columns";

    /// A required column is not in the header.
    ColumnMissing = Refusal "R301"
        "the header lacks a required column"
        "add the column";
    /// A column is in the header twice.
    ColumnTwice = Refusal "R302"
        "the header names this column twice"
        "remove or rename one of the two";
    /// A column that no rule reads.
    ColumnUnknown = Warning "R303"
        "no rule reads this column"
        "nothing, or name it ext.<name> to keep its values";
    /// A column with a place and without a name.
    ColumnWithoutName = Warning "R304"
        "a column in the middle of the header has no name; it is not read"
        "name the column or remove it";
    /// More columns than an import takes.
    TooManyColumns = Refusal "R305"
        "the header has more than 500 columns"
        "check the line ends of the file";

    /// More or fewer cells than the header has.
    RowRagged = Refusal "R401"
        "the row does not have as many cells as the header"
        "look for a comma too many or too few; quote values that hold a comma";
    /// A required cell is empty.
    CellEmpty = Refusal "R402"
        "the cell is empty and must not be"
        "fill it in";
    /// A control character.
    ControlCharacter = Refusal "R403"
        "the cell holds a control character"
        "type the value again";
    /// A cell longer than an import takes.
    CellTooLong = Refusal "R404"
        "the value is too long (ids and names 500 bytes, other cells 4,096)"
        "shorten it; a missing quote or comma may have joined several cells";
    /// Not a date of the calendar.
    DateMalformed = Refusal "R405"
        "this is no date of the calendar"
        "write it as MM/DD/YYYY, with four digits for the year";
    /// Not an email address.
    EmailMalformed = Refusal "R406"
        "this is no email address"
        "mend it, or leave the cell empty";
    /// Not a word of the vocabulary of the column.
    WordUnknown = Warning "R407"
        "not a word that this column knows"
        "see the list of words for this column";

    /// No schools at all.
    NoSchools = Refusal "R501"
        "there is not one school in the file"
        "export the file again; an empty one would remove the whole district";
    /// A required file with a header and no rows.
    NoRows = Warning "R502"
        "the file has a header and no rows"
        "nothing, if there really are none";
    /// An id that an earlier row has.
    IdTwice = Refusal "R503"
        "an earlier row has this id"
        "give each record an id of its own, or remove the repetition";
    /// Rows of one person that say different things of them.
    RowsDisagree = Refusal "R504"
        "an earlier row of the same person says something else in this column"
        "repeated rows may differ in School_id and contacts only: make them agree";
    /// Rows of one person with different titles or the like.
    DetailsDiffer = Warning "R505"
        "an earlier row with this id says something else in this column; the first holds"
        "make the rows agree";
    /// Too many contacts for one student.
    TooManyContacts = Refusal "R506"
        "the student has more than five contacts"
        "keep the five that matter";
    /// An id that no row of the other file has.
    ReferenceUnknown = Refusal "R507"
        "no row of the other file has this id"
        "add the missing row there or remove this one";
    /// An enrolment whose school is not its section's.
    EnrollmentSchoolDiffers = Warning "R508"
        "the section belongs to another school; the section's school holds"
        "make School_id that of the section";
    /// The same student twice in the same section.
    EnrollmentTwice = Warning "R509"
        "the student is in this section already"
        "remove the repetition";
    /// The same teacher twice in the same section.
    SectionTeacherTwice = Warning "R510"
        "the section has this teacher already"
        "remove the repetition";
    /// Ids that differ in case or leading zeros only.
    IdsAlike = Warning "R511"
        "another id differs from this one in case or leading zeros only"
        "check that they are two records: spreadsheets drop leading zeros";
    /// A resource for a course that no section is held of.
    ResourceCourseUnknown = Warning "R512"
        "no section is held of this course; the resource is not assigned to it"
        "write Course_number and Course_name as sections.csv does";
    /// A resource for neither teachers nor students.
    ResourceForNobody = Warning "R513"
        "the resource is for neither teachers nor students; it is not kept"
        "write teacher, student or both, or leave Roles empty for both";
    /// A reference to a record that is there and does not count.
    ReferenceLeftOut = Warning "R514"
        "the record that this refers to is marked as deleted or was not kept; nor is the row"
        "nothing, or take the row out";
    /// An organisation whose parent is not there.
    ParentUnknown = Warning "R515"
        "no organisation has this id; this one counts as having no parent"
        "add the organisation, or leave the cell empty";
    /// A record that refers to itself.
    SelfReference = Refusal "R516"
        "the record refers to itself, or comes to itself by way of others"
        "mend parentSourcedId or agentSourcedIds";
    /// A student without a school.
    StudentNowhere = Warning "R517"
        "the student is at no school and is not kept"
        "name the school in orgSourcedIds, or in a row of roles.csv";
    /// A class that nobody teaches.
    SectionWithoutTeacher = Warning "R518"
        "nobody teaches the class today; it is not kept, nor are its enrolments"
        "enroll a teacher in it, if it is held";
    /// An enrolment in a role that the user does not have.
    EnrollmentRoleDiffers = Warning "R519"
        "the user is enrolled in a role that they do not have; the row is not kept"
        "give the user the role, or make the enrolment's role that of the user";
    /// An organisation that is no school where one is wanted.
    NotASchool = Refusal "R520"
        "the organisation is no school and belongs to none"
        "name a school";

    /// A Username that somebody else has.
    UsernameTwice = Refusal "R601"
        "somebody else has this Username"
        "give each person a Username of their own; capital and small letters are the same";
    /// A password without a name to log in with.
    PasswordWithoutName = Warning "R602"
        "there is a Password and neither Username nor email; it is not set"
        "fill in Username";
    /// Two people who would log in with one email address.
    LoginNameShared = Warning "R603"
        "two people would log in with this email address; the Password is not set"
        "fill in Username for both";
    /// Two passwords for one login name of one person.
    PasswordsDiffer = Warning "R604"
        "another record of the same person has another Password for this login name; that one holds"
        "make the passwords agree";
    /// Records that become one person, with different names.
    NamesDiffer = Warning "R605"
        "records with this email become one person, and their names differ"
        "make the names agree; until then the teacher's, else the staff member's name holds";
    /// Two records of one kind with one email address.
    RoleTwice = Warning "R606"
        "another record of the same kind has this email; they stay two people"
        "give each person an email of their own, or one person one id";
    /// Two students with one email address.
    StudentsShareEmail = Warning "R607"
        "another student has this email; they stay two people"
        "give each student an email of their own";
    /// A student with the email address of somebody who works here.
    StudentSharesStaffEmail = Warning "R608"
        "a teacher or staff member has this email; the student stays another person"
        "give the student an email of their own";
    /// A role of district administrator at a school.
    AdminNotRaised = Warning "R609"
        "the role says district administrator, but the row names a school; it is taken as staff"
        "leave School_id empty for a district administrator";
    /// A contact that says nothing of itself.
    ContactNameless = Warning "R611"
        "the contact has neither name nor email nor phone; it is not kept"
        "fill in Contact_name, or leave the contact columns empty";
    /// Rows of one contact that say different things of them.
    ContactsDiffer = Warning "R612"
        "an earlier row of the same contact says something else in this column; the first holds"
        "make the rows agree, or give each contact a Contact_sis_id of their own";
    /// Somebody named as an agent who cannot be a contact, or of somebody who has none.
    AgentUnknown = Warning "R613"
        "not one of the two is a student and the other a parent, guardian or relative; no tie is kept"
        "check the id and the roles of both";
    /// A contact that no student has.
    ContactOfNobody = Warning "R614"
        "nobody's parent, guardian or relative: no student names them and they name none; not kept"
        "name the student in agentSourcedIds";
    /// More contacts than a student can have.
    ContactBeyondFive = Warning "R615"
        "the student has five contacts already; this one is not kept"
        "keep the five that matter";
    /// A role that has no place here.
    RoleUnknown = Warning "R616"
        "not a role that is known; it is not kept"
        "use a role of the OneRoster vocabulary";
    /// One user who is a student and something else.
    StudentAlsoAdult = Warning "R617"
        "the user is a student and works here too; they become two people"
        "nothing: the user name stays with the first role";
    /// A user with no role that counts.
    UserWithoutRole = Warning "R618"
        "the user has no role that counts today and is not kept"
        "give the user a role, or take the row out";
    /// A user who may not log in.
    UserDisabled = Warning "R619"
        "enabledUser is false; the user is not kept"
        "nothing, if they should have no access";
}
