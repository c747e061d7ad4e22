use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::installation::Installation;

impl Installation {
    fn export(&self, to: &Path, more: &[&str]) -> Vec<String> {
        let words = ["export", "--district", "ada", "--to"].map(str::to_owned);
        let more = more.iter().map(|it| (*it).to_owned());
        let config = ["--config".to_owned(), self.config_text()];
        words.into_iter().chain([to.display().to_string()]).chain(config).chain(more).collect()
    }

    fn told(&self, words: &str) -> Value {
        let words = words.split_whitespace().map(str::to_owned);
        let more = ["--config".to_owned(), self.config_text(), "--json".to_owned()];
        let arguments: Vec<_> = words.chain(more).collect();
        serde_json::from_str(&self.run_well(&arguments)).unwrap()
    }
}

fn lines(folder: &Path, file: &str) -> usize {
    fs::read_to_string(folder.join(file)).unwrap().lines().count()
}

#[test]
fn a_roster_goes_out_and_comes_back_and_nothing_changes() {
    let installation = Installation::furnished();
    for (place, format) in [("out", "csv"), ("out.zip", "csv"), ("one", "oneroster")] {
        let to = installation.path(place);
        let said = installation.run_well(&installation.export(&to, &["--format", format]));
        assert!(said.contains("3 schools") && said.contains("No password"), "{said}");
        let back = installation.run_well(&installation.import(&to, &[]));
        assert!(back.contains("nothing was changed"), "{place}: {back}");
    }
    let log = installation.told("audit --district ada");
    let records = log["records"].as_array().unwrap();
    let exported: Vec<_> =
        records.iter().filter(|record| record["action"] == "roster.exported").collect();
    assert_eq!(exported.len(), 3, "{log}");
    assert!(exported[0]["detail"].as_str().unwrap().contains("3 schools"), "{log}");

    let again = installation.run_badly(&installation.export(&installation.path("out"), &[]));
    assert!(again.contains("already"), "{again}");
}

#[test]
fn an_application_gets_what_it_reads_and_no_more() {
    let installation = Installation::furnished();
    let created = installation.told(
        "application create --name Books --tier secure_sync --redirect-uri https://a.example/cb",
    );
    let client_id = created["client_id"].as_str().unwrap();
    let to = installation.path("books");
    let mine = ["--client-id", client_id];
    let refused = installation.run_badly(&installation.export(&to, &mine));
    assert!(refused.contains("reads nothing"), "{refused}");
    assert!(!to.exists());

    installation.told(&format!(
        "sharing set --district ada --client-id {client_id} --rule schools=101 --with demographics"
    ));
    installation.run_well(&installation.export(&to, &mine));
    let all = installation.path("all");
    installation.run_well(&installation.export(&all, &[]));
    assert_eq!(lines(&to, "schools.csv"), 2);
    let students = fs::read_to_string(to.join("students.csv")).unwrap();
    let (mine, others) = (students.lines().count(), lines(&all, "students.csv"));
    assert!(mine > 1 && mine < others, "{mine} of {others}");
    for line in students.lines().skip(1) {
        assert!(line.starts_with("101,"), "{line}");
    }
    let header: Vec<_> = students.lines().next().unwrap().split(',').collect();
    let filled = |column: &str| {
        let at = header.iter().position(|name| *name == column).unwrap();
        students.lines().skip(1).filter(|line| line.split(',').nth(at) != Some("")).count()
    };
    assert!(filled("DOB") > 0, "demographics are shared");
    assert_eq!(filled("IEP_status"), 0, "sensitive data are not");
    assert_eq!(filled("Contact_name"), 0, "contacts are not");
}
