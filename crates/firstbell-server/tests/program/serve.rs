use std::collections::BTreeMap;

use firstbell_roster::sandbox::people::ANA_NUNEZ;

use crate::installation::{Installation, Running, get, program, wait_until};

pub fn serving(installation: &Installation) -> Running {
    let mut command = program();
    command.args(["serve", "--config", &installation.config_text()]);
    let running = Running::start(command);
    let ready = format!("{}/readyz", installation.base());
    wait_until("the server being ready", || get(&ready).is_some_and(|(status, _)| status == 200));
    running
}

#[test]
fn an_application_that_is_registered_meanwhile_is_known_within_seconds() {
    let installation = Installation::furnished();
    let running = serving(&installation);
    let reply = installation.run_well(&[
        "application",
        "create",
        "--config",
        &installation.config_text(),
        "--name",
        "Late",
        "--redirect-uri",
        "https://late.example/cb",
        "--district",
        "ada",
        "--json",
    ]);
    let reply: BTreeMap<String, String> = serde_json::from_str(&reply).unwrap();
    let client_id = &reply["client_id"];
    assert_eq!((client_id.len(), reply["client_secret"].len()), (20, 40));
    let url =
        format!("{}/oauth/authorize?response_type=code&client_id={client_id}", installation.base());
    wait_until("the application being known", || {
        get(&url).is_some_and(|(status, _)| status == 303)
    });
    assert_eq!(running.stop().0, Some(0));
}

#[test]
fn a_production_application_must_not_use_http() {
    let installation = Installation::furnished();
    let said = installation.run_badly(&[
        "application",
        "create",
        "--config",
        &installation.config_text(),
        "--name",
        "Plain",
        "--redirect-uri",
        "http://plain.example/cb",
    ]);
    assert!(said.contains("http://plain.example/cb") && said.contains("HTTPS"), "{said}");
}

#[test]
fn the_server_does_not_start_on_an_older_schema_or_with_an_unknown_setting() {
    let installation = Installation::new();
    let config = std::fs::read_to_string(installation.path("firstbell.toml")).unwrap();
    let other = installation.path("other.toml");
    std::fs::write(&other, config.replace("firstbell.sqlite", "new.sqlite")).unwrap();
    let said = installation.run_badly(&["serve", "--config", other.to_str().unwrap()]);
    assert!(said.contains("firstbell migrate"), "{said}");
    std::fs::write(&other, config.replace("listen", "listens")).unwrap();
    let said = installation.run_badly(&["serve", "--config", other.to_str().unwrap()]);
    assert!(said.contains("listens") && said.contains("other.toml"), "{said}");
}

#[test]
fn logs_hold_no_secret_and_no_name() {
    let installation = Installation::furnished();
    let client = application(&installation);
    let running = serving(&installation);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let secrets = runtime.block_on(log_in(&installation.base(), &client));
    let (status, log) = running.stop();
    assert_eq!(status, Some(0), "{log}");
    assert!(log.contains("a person signed in"), "the log is read, not an empty one: {log}");
    for secret in secrets {
        assert!(!log.contains(&secret), "the log holds {secret}");
    }
}

/// The credentials of an application that the district has connected.
pub fn application(installation: &Installation) -> BTreeMap<String, String> {
    let reply = installation.run_well(&[
        "application",
        "create",
        "--config",
        &installation.config_text(),
        "--name",
        "App",
        "--redirect-uri",
        "https://app.example/cb",
        "--district",
        "ada",
        "--json",
    ]);
    serde_json::from_str(&reply).unwrap()
}

/// Logs Ana in, wrongly and rightly, exchanges the code, reads her; gives back everything that
/// must not be logged.
pub async fn log_in(base: &str, client: &BTreeMap<String, String>) -> Vec<String> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap();
    let mut cookies: BTreeMap<String, String> = BTreeMap::new();
    let mut url = format!(
        "{base}/oauth/authorize?response_type=code&client_id={}&state=sTaTe-secret",
        client["client_id"]
    );
    let mut form: Option<String> = None;
    let mut passwords = vec![ANA_NUNEZ.password, "wrong-guess-17"];
    let code = loop {
        let jar: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = match form.take() {
            None => http.get(&url),
            Some(body) => http
                .post(&url)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body),
        };
        let reply = request.header("cookie", jar.join("; ")).send().await.unwrap();
        for value in reply.headers().get_all("set-cookie") {
            let pair = value.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            cookies.insert(name.to_owned(), value.to_owned());
        }
        if let Some(location) = reply.headers().get("location") {
            let location = location.to_str().unwrap();
            if let Some(rest) = location.strip_prefix("https://app.example/cb?code=") {
                break rest.split('&').next().unwrap().to_owned();
            }
            url = format!("{base}{location}");
            continue;
        }
        let page = reply.text().await.unwrap();
        let (_, rest) = page.split_once("action=\"").expect("a login page");
        url = format!("{base}{}", rest.split('"').next().unwrap());
        let password = passwords.pop().expect("the right password was refused");
        form = Some(format!("username={}&password={password}", ANA_NUNEZ.login_name));
    };
    let exchange = format!(
        "grant_type=authorization_code&code={code}&redirect_uri=https%3A%2F%2Fapp.example%2Fcb\
         &client_id={}&client_secret={}",
        client["client_id"], client["client_secret"]
    );
    let reply = http
        .post(format!("{base}/oauth/tokens"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(exchange)
        .send()
        .await
        .unwrap();
    let token: BTreeMap<String, String> =
        serde_json::from_str(&reply.text().await.unwrap()).unwrap();
    let token = token["access_token"].clone();
    let me = http.get(format!("{base}/v3.0/me")).bearer_auth(&token).send().await.unwrap();
    assert_eq!(me.status(), 200);

    let mut secrets: Vec<String> = cookies
        .into_iter()
        .filter(|(name, _)| name.contains("session") || name.contains("browser"))
        .map(|(_, value)| value)
        .collect();
    secrets.extend([code, token, client["client_secret"].clone()]);
    secrets.extend(
        ["sTaTe-secret", "wrong-guess-17", ANA_NUNEZ.password, ANA_NUNEZ.login_name, "Núñez"]
            .map(str::to_owned),
    );
    secrets
}
