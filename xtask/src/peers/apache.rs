//! Apache with `mod_auth_openidc` (Debian) stands before a web application and logs its people in:
//! the application itself knows nothing of OpenID Connect and reads request headers.
//!
//! The configuration is a file of our own; Apache listens on the loopback interface and runs as one
//! process, so that nothing is left when it is killed.

use std::path::Path;

use anyhow::{Context, Result};

use super::Clients;
use crate::broker::{Application, Broker, Launch, Registration, free_port};
use crate::machine::{self, Need};
use crate::process::{self, Background, proof_line};
use crate::report::Tally;

/// What the machine must have.
pub const NEEDS: [Need; 1] = [Need::ApacheOpenidc];

/// Why it cannot be done here, if it cannot.
pub fn missing() -> Option<String> {
    machine::lacking(&NEEDS)
}

/// Runs Apache and a browser before it.
pub fn proof(clients: &Clients, broker: &Broker, folder: &Path) -> Result<Tally> {
    let listen = format!("127.0.0.1:{}", free_port()?);
    let issuer = format!("http://{listen}");
    let (gate, behind) = (free_port()?, free_port()?);
    let site = format!("http://127.0.0.1:{gate}");
    // One address takes both: answers to logins that Apache began, and logins that we begin.
    let redirect_uri = format!("{site}/gate");
    let registration = Registration {
        launch: Some(Launch {
            initiate_login_uri: redirect_uri.clone(),
            website: format!("{site}/lessons"),
        }),
        switches: vec!["oidc".to_owned(), "standard_claims".to_owned()],
        id_token_algorithm: Some("ES256".to_owned()),
        ..Registration::default()
    };
    let application = broker.application("Apache", &redirect_uri, registration)?;
    let stage = broker.stage(&issuer, &issuer, &application)?;
    let _server = broker.serve("apache-broker", &listen, &issuer, "")?;
    let file = folder.join("apache.conf");
    std::fs::write(&file, configuration(folder, &issuer, &application, gate, behind))?;
    let mut apache = process::command(machine::apache().context("Apache went away")?);
    apache.arg("-X").arg("-d").arg(folder).arg("-f").arg(&file);
    let gate = format!("127.0.0.1:{gate}");
    let _apache = Background::serve(&mut apache, &folder.join("apache.log"), &gate)?;
    let mut browser = clients.command("mod_auth_openidc.py", &stage);
    process::counted(browser.arg(behind.to_string()), proof_line)
}

/// What an administrator would write, and what Debian's own files would say before it.
fn configuration(
    folder: &Path,
    issuer: &str,
    application: &Application,
    gate: u16,
    behind: u16,
) -> String {
    let modules = machine::apache_modules().display();
    let load = [
        ("mpm_event_module", "mod_mpm_event"),
        ("authn_core_module", "mod_authn_core"),
        ("authz_core_module", "mod_authz_core"),
        ("authz_user_module", "mod_authz_user"),
        ("proxy_module", "mod_proxy"),
        ("proxy_http_module", "mod_proxy_http"),
        ("auth_openidc_module", "mod_auth_openidc"),
    ]
    .map(|(module, file)| format!("LoadModule {module} {modules}/{file}.so\n"))
    .concat();
    // Apache as root gives its rights up and wants to be told to whom.
    let user = if machine::is_root() { "User www-data\nGroup www-data\n" } else { "" };
    format!(
        "{load}{user}Listen 127.0.0.1:{gate}\n\
         ServerName 127.0.0.1:{gate}\n\
         DefaultRuntimeDir {folder}\n\
         PidFile {folder}/apache.pid\n\
         ErrorLog {folder}/apache-error.log\n\
         \n\
         OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration\n\
         OIDCClientID {id}\n\
         OIDCClientSecret {secret}\n\
         OIDCRedirectURI {redirect_uri}\n\
         OIDCCryptoPassphrase only-a-test\n\
         OIDCPKCEMethod S256\n\
         OIDCIDTokenSignedResponseAlg ES256\n\
         OIDCRemoteUserClaim sub\n\
         OIDCAuthNHeader X-Remote-User\n\
         OIDCPassClaimsAs headers\n\
         \n\
         <Location />\n\
         \x20   AuthType openid-connect\n\
         \x20   Require valid-user\n\
         </Location>\n\
         <Location /teachers>\n\
         \x20   Require claim user_type:teacher\n\
         </Location>\n\
         ProxyPass /gate !\n\
         ProxyPass / http://127.0.0.1:{behind}/\n",
        folder = folder.display(),
        id = application.id,
        secret = application.secret,
        redirect_uri = application.redirect_uri,
    )
}
