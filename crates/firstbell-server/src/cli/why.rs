//! `firstbell why`: may this person enter this application, what does it see of them, and which rule
//! says so. The same function decides every login.

use std::process::ExitCode;

use firstbell_core::application::ClientId;
use firstbell_core::roster::RoleKind;
use firstbell_core::sharing::{self, Case, Derivation, Needs};
use serde_json::json;

use super::{ConfigFile, lookup, open_store};

/// That the person may not enter.
const NO_ENTRY: u8 = 3;

/// Says whether a person may enter an application, and why.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(flatten)]
    config: ConfigFile,
    /// The person's district, by its shortname
    #[arg(long, value_name = "SHORTNAME")]
    district: String,
    /// The person: the login name, or the id of 24 digits
    #[arg(long)]
    person: String,
    /// The application's public identifier
    #[arg(long, value_name = "CLIENT_ID")]
    application: ClientId,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The answer, and about whom and what.
struct Answer {
    person: String,
    application: String,
    comes_as: Option<RoleKind>,
    derivation: Derivation,
}

pub(super) async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let store = open_store(&options.config.load()?)?;
    let json = options.json;

    let answer = store
        .read_at_length(move |tx| {
            let settings = tx.settings()?;
            let district = lookup::district(&settings, &options.district)?;
            let application = lookup::application(&settings, &options.application)?;
            let lookup::Found { user, role } = lookup::person(tx, district, &options.person)?;
            let pair = (application.id, district.id);
            let mut connections = settings.connections.iter();
            let connection = connections.find(|it| (it.application, it.district) == pair);
            let needs = Needs::of(application, connection);
            let ties = tx.district(district.id).ties_of(&user, needs)?;

            let login_role = district.policy.first_role(&user, role);
            let case = Case {
                application,
                connection,
                classroom: district.policy.classroom,
                user: &user,
                login_role,
                ties: &ties,
            };
            Ok::<_, anyhow::Error>(Answer {
                person: lookup::shown_person(&user),
                application: lookup::shown_application(&settings, application.id),
                comes_as: user.role_by_id(login_role).map(|role| role.kind),
                derivation: sharing::why(&case),
            })
        })
        .await?;

    if json {
        print_json(&answer);
    } else {
        print(&answer);
    }
    Ok(match answer.derivation.verdict {
        Ok(_) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(NO_ENTRY),
    })
}

fn print(answer: &Answer) {
    let Answer { person, application, comes_as, derivation } = answer;
    match derivation.verdict {
        Ok(kind) => println!("{person} enters {application} as {}.", kind.name()),
        Err(refusal) => {
            println!("{person} does not enter {application}: {refusal} ({}).", refusal.face().code);
        }
    }
    println!("\nBecause");
    if let Some(kind) = comes_as {
        println!("  - the person comes in the role {}", kind.name());
    }
    for finding in &derivation.findings {
        println!("  - {finding}");
    }
    if derivation.verdict.is_ok() {
        let fields: Vec<_> = derivation.fields.iter().map(|field| field.name()).collect();
        println!("\nThe application sees id, type, district, {}.", fields.join(", "));
    }
}

fn print_json(answer: &Answer) {
    let Answer { person, application, comes_as, derivation } = answer;
    let findings: Vec<_> = derivation.findings.iter().map(ToString::to_string).collect();
    let refusal = derivation
        .verdict
        .err()
        .map(|refusal| json!({ "code": refusal.face().code, "reason": refusal.to_string() }));
    let reply = json!({
        "person": person,
        "application": application,
        "comes_as": comes_as.map(RoleKind::name),
        "enters": derivation.verdict.is_ok(),
        "role": derivation.verdict.ok().map(RoleKind::name),
        "refusal": refusal,
        "findings": findings,
        "fields": derivation.fields.iter().map(|field| field.name()).collect::<Vec<_>>(),
    });
    println!("{reply}");
}
