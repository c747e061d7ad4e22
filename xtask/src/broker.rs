//! A real `firstbell serve` for proofs: a store of its own with the sandbox imported, applications
//! made on the command line, and the people whose passwords the sandbox tells.

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::process::{self, Background};
use crate::workspace;

/// The district of the proofs.
pub const SHORTNAME: &str = "proof";
const DISTRICT_NAME: &str = "Proof Unified Schools";

/// What a district can share of its people beside the roster itself.
const GROUPS: &str = "demographics,sensitive,contacts,extensions,events";

/// Who is a teacher and of the staff, with one login name.
const TEACHER_AND_STAFF: &str = "amara.okafor";

/// Students whose names a careless client would spoil, by login name.
const NAMES: [(&str, &str); 7] = [
    ("layla.haddad", "a student with a name in Arabic"),
    ("xiaoming.li", "a student with a name in Chinese"),
    ("ana.nunez", "a student with a name with ñ"),
    ("chloe.benoit", "a student with a name with é and î"),
    ("sean.oconnor", "a student with a name with an apostrophe"),
    ("j.o", "a student with names of one letter"),
    ("maxi.ravindranathan", "a student with names of 45 and 65 letters"),
];

/// What an application is registered with, beyond the plain dialect.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
pub struct Registration {
    /// Where logins begin that it did not start, and where it takes people then.
    pub launch: Option<Launch>,
    /// Whom it serves besides students and teachers, by the names of the command line.
    pub also_serves: Vec<String>,
    /// Its switches, by the names of the command line.
    pub switches: Vec<String>,
    /// How its ID tokens are signed: `RS256` or `ES256`.
    pub id_token_algorithm: Option<String>,
    /// Its tier, by the name of the command line.
    pub tier: Option<String>,
}

/// How an application takes logins that it did not start (OpenID Connect Core, section 4).
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct Launch {
    /// Its `initiate_login_uri`.
    pub initiate_login_uri: String,
    /// Its website, which becomes `target_link_uri`.
    pub website: String,
}

/// An application that was made for a proof.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct Application {
    /// Its name, as the portal shows it.
    pub name: String,
    /// Its client ID.
    pub id: String,
    /// Its client secret.
    pub secret: String,
    /// Where it wants people back.
    pub redirect_uri: String,
    /// What it was registered with.
    #[serde(flatten)]
    pub registration: Registration,
}

/// A person who may log in, as a proof knows them.
#[derive(Debug, Clone, Serialize)]
pub struct Person {
    /// Who they are, for the line of a check.
    pub said: &'static str,
    role: &'static str,
    username: String,
    password: String,
    first: String,
    last: String,
    email: String,
}

/// What a proof in another language is told.
#[derive(Debug, Serialize)]
pub struct Stage<'a> {
    /// Where people sign in.
    pub auth: &'a str,
    /// Where data is read.
    pub api: &'a str,
    /// The district's name and shortname.
    pub district: District,
    /// Who the proof is.
    pub application: &'a Application,
    /// How the proof changes the installation.
    operator: Operator,
    student: &'a Person,
    student_without_email: &'a Person,
    teacher: &'a Person,
    teacher_and_staff: &'a Person,
    names: &'a [Person],
}

/// A district, as a person finds it.
#[derive(Debug, Serialize)]
pub struct District {
    id: String,
    name: &'static str,
    shortname: &'static str,
}

/// The program, and where it finds the installation.
#[derive(Debug, Serialize)]
struct Operator {
    program: PathBuf,
    config: PathBuf,
}

/// A prepared store and what is known about it.
pub struct Broker {
    folder: PathBuf,
    student: Person,
    student_without_email: Person,
    teacher: Person,
    teacher_and_staff: Person,
    names: Vec<Person>,
}

impl Broker {
    /// Makes a store with the small sandbox in it.
    pub fn prepare(folder: &Path) -> Result<Self> {
        let sandbox = folder.join("sandbox");
        firstbell(&["sandbox", "generate"], &[&sandbox])?;
        let students = Roster::read(&sandbox.join("students.csv"), "student")?;
        let teachers = Roster::read(&sandbox.join("teachers.csv"), "teacher")?;
        let broker = Self {
            folder: folder.to_path_buf(),
            student: students.first("a student", |person| !person.email.is_empty())?,
            student_without_email: students
                .first("a student without email", |person| person.email.is_empty())?,
            teacher: teachers.first("a teacher", |person| !person.email.is_empty())?,
            teacher_and_staff: teachers.named(TEACHER_AND_STAFF, "a teacher who is staff too")?,
            names: NAMES
                .iter()
                .map(|(username, said)| students.named(username, said))
                .collect::<Result<_>>()?,
        };
        let config = broker.configure("prepare", "127.0.0.1:0", "http://127.0.0.1", "")?;
        firstbell(&["migrate", "--config"], &[&config])?;
        let import = ["import", "--yes", "--district", SHORTNAME, "--district-name", DISTRICT_NAME];
        firstbell(&[&import[..], &["--config"]].concat(), &[&config, &sandbox])?;
        Ok(broker)
    }

    /// Makes an application for students, teachers and whom it is registered for besides.
    pub fn application(
        &self,
        name: &str,
        redirect_uri: &str,
        registration: Registration,
    ) -> Result<Application> {
        #[derive(Deserialize)]
        struct Made {
            client_id: String,
            client_secret: String,
        }

        let mut create = process::command(workspace::program("firstbell"));
        create.args(["application", "create", "--json", "--development"]);
        create.args(["--district", SHORTNAME, "--name", name, "--redirect-uri", redirect_uri]);
        create.args(["--user-type", "student", "--user-type", "teacher"]);
        for user_type in &registration.also_serves {
            create.args(["--user-type", user_type]);
        }
        if let Some(launch) = &registration.launch {
            create.args(["--initiate-login-uri", &launch.initiate_login_uri]);
            create.args(["--website", &launch.website]);
        }
        for switch in &registration.switches {
            create.args(["--switch", switch]);
        }
        if let Some(algorithm) = &registration.id_token_algorithm {
            create.args(["--id-token-algorithm", algorithm]);
        }
        if let Some(tier) = &registration.tier {
            create.args(["--tier", tier]);
        }
        create.arg("--config").arg(self.folder.join("prepare.toml"));
        let printed = process::output(&mut create)?;
        let made: Made = serde_json::from_str(&printed)
            .with_context(|| format!("application create --json printed {printed:?}"))?;
        Ok(Application {
            name: name.to_owned(),
            id: made.client_id,
            secret: made.client_secret,
            redirect_uri: redirect_uri.to_owned(),
            registration,
        })
    }

    /// Shares everyone with an application, and everything that can be told of them.
    pub fn share_everything(&self, application: &Application) -> Result<()> {
        let set = ["sharing", "set", "--district", SHORTNAME, "--everyone", "--with", GROUPS];
        let config = self.folder.join("prepare.toml");
        firstbell(&[&set[..], &["--client-id", &application.id, "--config"]].concat(), &[&config])
    }

    /// Serves the store; `more` is added to the section `[server]` of the configuration.
    pub fn serve(&self, name: &str, listen: &str, auth: &str, more: &str) -> Result<Background> {
        let config = self.configure(name, listen, auth, more)?;
        let mut serve = process::command(workspace::program("firstbell"));
        serve.args(["serve", "--config"]).arg(config);
        Background::serve(&mut serve, &self.folder.join(format!("{name}.log")), listen)
    }

    /// Writes down for a proof in another language who is where; returns the file.
    pub fn stage(&self, auth: &str, api: &str, application: &Application) -> Result<PathBuf> {
        let stage = Stage {
            auth,
            api,
            district: District {
                id: self.district_id()?,
                name: DISTRICT_NAME,
                shortname: SHORTNAME,
            },
            application,
            operator: Operator {
                program: workspace::program("firstbell"),
                config: self.folder.join("prepare.toml"),
            },
            student: &self.student,
            student_without_email: &self.student_without_email,
            teacher: &self.teacher,
            teacher_and_staff: &self.teacher_and_staff,
            names: &self.names,
        };
        let file = self.folder.join(format!("{}.json", application.name.replace(' ', "-")));
        std::fs::write(&file, serde_json::to_string_pretty(&stage)?)?;
        Ok(file)
    }

    fn district_id(&self) -> Result<String> {
        #[derive(Deserialize)]
        struct Shown {
            districts: Vec<OneDistrict>,
        }

        #[derive(Deserialize)]
        struct OneDistrict {
            id: String,
        }

        let mut show = process::command(workspace::program("firstbell"));
        show.args(["district", "show", "--json", "--district", SHORTNAME, "--config"]);
        let printed = process::output(show.arg(self.folder.join("prepare.toml")))?;
        let shown: Shown = serde_json::from_str(&printed)
            .with_context(|| format!("district show --json printed {printed:?}"))?;
        let district = shown.districts.into_iter().next().context("there is no district")?;
        Ok(district.id)
    }

    /// Writes a configuration file; `more` is added to its section `[server]`.
    pub fn configure(&self, name: &str, listen: &str, auth: &str, more: &str) -> Result<PathBuf> {
        let folder = self.folder.display();
        let text = format!(
            "[server]\nlisten = \"{listen}\"\nauth_base_url = \"{auth}\"\n{more}\n\
             [store]\nurl = \"sqlite:{folder}/firstbell.sqlite\"\n\n\
             [secrets]\nkey_file = \"{folder}/secrets.key\"\n"
        );
        let file = self.folder.join(format!("{name}.toml"));
        std::fs::write(&file, text)?;
        Ok(file)
    }
}

/// A port of the loopback interface that nobody uses.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn firstbell(words: &[&str], paths: &[&Path]) -> Result<()> {
    let mut command = process::command(workspace::program("firstbell"));
    process::must(command.args(words).args(paths))
}

/// The people of one file of the sandbox.
struct Roster {
    file: PathBuf,
    people: Vec<Person>,
}

impl Roster {
    fn read(file: &Path, role: &'static str) -> Result<Self> {
        let mut reader =
            csv::Reader::from_path(file).with_context(|| format!("{}", file.display()))?;
        let headers: Vec<String> =
            reader.headers()?.iter().map(|name| name.to_lowercase().replace(' ', "_")).collect();
        let mut people = Vec::new();
        for row in reader.records() {
            let row = row?;
            let cell = |name: &str| {
                let column = headers.iter().position(|header| header == name);
                column.and_then(|column| row.get(column)).unwrap_or_default().to_owned()
            };
            people.push(Person {
                said: "",
                role,
                username: cell("username"),
                password: cell("password"),
                first: cell("first_name"),
                last: cell("last_name"),
                email: cell(&format!("{role}_email")),
            });
        }
        Ok(Self { file: file.to_path_buf(), people })
    }

    /// The one with this login name.
    fn named(&self, username: &str, said: &'static str) -> Result<Person> {
        let found = self.people.iter().find(|person| person.username == username);
        let person = found.with_context(|| format!("no {username} in {}", self.file.display()))?;
        Ok(Person { said, ..person.clone() })
    }

    /// The first with a password who fits and whose name nobody shares.
    fn first(&self, said: &'static str, fits: impl Fn(&Person) -> bool) -> Result<Person> {
        let alone = |person: &Person| {
            let named =
                |other: &&Person| (&other.first, &other.last) == (&person.first, &person.last);
            self.people.iter().filter(named).count() == 1
        };
        let found = self.people.iter().find(|person| {
            !person.username.is_empty()
                && !person.password.is_empty()
                && fits(person)
                && alone(person)
        });
        let person = found.with_context(|| format!("no {said} in {}", self.file.display()))?;
        Ok(Person { said, ..person.clone() })
    }
}
