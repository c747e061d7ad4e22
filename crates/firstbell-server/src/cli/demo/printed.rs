//! What the demo says once it is ready, to a person and to a program.

use std::path::Path;

use anyhow::Context as _;

use super::folder::{Remembered, write_private};

pub(super) fn say_where(remembered: &Remembered, broker: &str, flightschool: &str) {
    println!("Firstbell is ready.\n");
    println!("  Portal            {broker}/in/{}", remembered.district_shortname);
    println!("  FlightSchool      {flightschool}/");
    println!("  District finder   {broker}/login");
    println!("  Health            {broker}/readyz\n");
    println!("  {} · district id {}", remembered.district_name, remembered.district_id);
    println!("  FlightSchool's client id      {}", remembered.client_id);
    println!("  FlightSchool's client secret  {}\n", remembered.client_secret);
    let width = |part: fn(&super::folder::Person) -> &str| {
        remembered.people.iter().map(|person| part(person).chars().count()).max().unwrap_or(0)
    };
    let names = width(|person| &person.name);
    let users = width(|person| &person.username);
    let passwords = width(|person| &person.password);
    println!("  Log in as");
    for person in &remembered.people {
        println!(
            "    {:users$}  {:passwords$}  {:names$}  {}",
            person.username, person.password, person.name, person.note
        );
    }
}

/// How other commands find the demo, and two that are worth a try.
pub(super) fn say_commands(remembered: &Remembered, configuration: &str) {
    let Remembered { district_shortname: district, client_id, people, .. } = remembered;
    println!("\n  Other commands find this demo with --config {configuration}");
    if let Some(person) = people.first() {
        println!("  Who may enter, and why:");
        println!(
            "    firstbell why --config {configuration} --district {district} --person {} \
             --application {client_id}",
            person.username
        );
    }
    println!("  What happened, by the code at the end of an error page:");
    println!("    firstbell trace --config {configuration} FB-7K3-M9Q");
}

pub(super) fn write_json(
    file: &Path,
    remembered: &Remembered,
    broker: &str,
    flightschool: &str,
) -> anyhow::Result<()> {
    let all = serde_json::json!({
        "broker": broker,
        "flightschool": flightschool,
        "district": {
            "id": remembered.district_id,
            "shortname": remembered.district_shortname,
            "name": remembered.district_name,
        },
        "client": {
            "id": remembered.client_id,
            "secret": remembered.client_secret,
            "redirect_uri": flightschool::redirect_uri(flightschool),
        },
        "people": remembered.people,
    });
    let shown = || format!("--json-file: {} cannot be written", file.display());
    let unfinished = file.with_extension("unfinished");
    write_private(&unfinished, &serde_json::to_vec_pretty(&all)?).with_context(shown)?;
    std::fs::rename(unfinished, file).with_context(shown)
}
