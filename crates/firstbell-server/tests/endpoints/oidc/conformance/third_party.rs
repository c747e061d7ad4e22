//! The modules of the plan for logins that a third party initiates (OpenID Connect Core section 4).
//! The suite registers its client dynamically; here the operator has registered it.

use firstbell_core::application::{Application, RegistrationError, check_registration};

use crate::oidc::client::{ISSUER, log_in, providers, redeem};
use crate::world::{World, ana};

const INITIATE: &str = "https://flightschool.example/initiate?from=firstbell";

#[tokio::test]
async fn oidcc_3rd_party_init_login() {
    for world in providers().await {
        world
            .change_flightschool(|it| {
                it.initiate_login_uri = Some(INITIATE.parse().expect("an address"));
            })
            .await;
        let mut browser = world.browser();
        let tile = format!("/in/ada/launch/{}", world.flightschool);
        let launch = browser.log_in(ana(), &tile).await;
        assert!(launch.location().expect("a redirect").starts_with(INITIATE));
        assert_eq!(launch.query("iss").as_deref(), Some(ISSUER));
        assert!(launch.query("login_hint").is_some() && launch.query("target_link_uri").is_some());
        assert_eq!(launch.query("code"), None, "no code that nobody asked for");

        let hint = launch.query("login_hint").unwrap();
        let answer = log_in(&mut browser, &format!("&prompt=none&login_hint={hint}")).await;
        assert_eq!(redeem(&world, &answer).await.subject(), hint);
    }
}

#[tokio::test]
async fn oidcc_3rd_party_init_login_nohttps() {
    for world in providers().await {
        let mut application = registered(&world);
        check_registration(&application).expect("a good registration");
        let plain = INITIATE.replace("https", "http").parse().expect("an address");
        application.initiate_login_uri = Some(plain);
        let refused = check_registration(&application);
        assert!(matches!(refused, Err(RegistrationError::NotHttps(_))), "{refused:?}");
    }
}

fn registered(world: &World) -> Application {
    world.app.settings().application(world.flightschool).expect("FlightSchool").clone()
}
