//! V-01, V-03 and G-18 on both databases: after a whole run no secret of it stands in any table, not
//! as text and not as its bytes, so that nobody who reads the database can make a cookie of it.

use firstbell_core::secret::hexadecimal;
use firstbell_store::testing;

use super::case::{Scene, form};
use super::stage::stages;
use crate::world::{ana, authorize};

#[tokio::test]
async fn no_secret_is_kept_as_it_is() {
    for (database, mut stage) in stages().await {
        let mistyped = "name-field-marker-5517";
        for scene in [
            Scene::LoginBegun,
            // A password in the field for the name, as it happens.
            Scene::Sent(
                form("/login/{login}/password", format!("username={mistyped}&password=x")),
                1,
            ),
            Scene::Sent(
                form("/login/{login}/password", "username=ana.nunez&password=wrong-4711"),
                1,
            ),
            Scene::PasswordTyped(ana()),
            Scene::Code(ana()),
            Scene::Redeemed,
        ] {
            stage.set(&scene).await;
        }
        let mut browser = stage.world.browser();
        let north = format!("&district_id={}", stage.world.district);
        let unspent = browser.code_for(ana(), &authorize(&north)).await;
        stage.know_browser();

        let mut secrets = vec![
            ("the name field", mistyped.to_owned()),
            ("the wrong password", "wrong-4711".into()),
            ("the unspent code", unspent),
        ];
        secrets.extend(stage.secrets().map(|(name, secret)| (name, secret.to_owned())));
        secrets.extend(
            browser
                .cookies
                .into_iter()
                .filter(|(name, _)| name.contains("session") || name.contains("browser"))
                .map(|(_, value)| ("a cookie", value)),
        );
        assert!(secrets.len() >= 10, "the run had secrets: {}", secrets.len());
        let contents = testing::contents(&stage.world.store).await.unwrap();
        assert!(contents["sessions"].len() > 100 && contents["tokens"].len() > 100);
        for (table, rows) in contents {
            let rows = rows.to_lowercase();
            for (name, secret) in &secrets {
                let secret = secret.to_lowercase();
                let as_bytes = hexadecimal(secret.as_bytes());
                assert!(!rows.contains(&secret), "{table} on {database} holds {name}");
                assert!(!rows.contains(&as_bytes), "{table} on {database} holds {name} as bytes");
            }
        }
    }
}
