//! Where towns are asked: a world with an application of each tier, and tokens of all kinds.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::time::Duration;

use firstbell_core::application::{
    Application, ClientSecret, Connection, ConnectionState, Sharing, TeacherLink,
};
use firstbell_core::id::{ApplicationId, RoleId};
use firstbell_core::login::code::Grant;
use firstbell_core::login::token;
use firstbell_core::roster::{Generation, RoleKind};
use firstbell_core::secret::Secret;
use firstbell_core::sharing::AccessTier;
use firstbell_core::time::Timestamp;
use firstbell_server::entropy::Entropy;
use firstbell_store::testing::Dice;
use firstbell_store::{StoreError, Tx};
use http::{Request, StatusCode};

use super::asking::{self, Question};
use super::own::{Door, Owner};
use super::rules;
use super::town::Town;
use crate::world::{CLIENT, Reply, SECRET, World, basic};

pub struct Stage {
    pub world: World,
    since: Timestamp,
    sso: ApplicationId,
    classroom: ApplicationId,
}

/// Somebody's token of an application.
pub struct Visit {
    pub token: String,
    tier: AccessTier,
    serves: Vec<RoleKind>,
    door: Door,
    person: usize,
    login: RoleId,
}

impl Visit {
    pub fn owner<'t>(&'t self, town: &'t Town) -> Owner<'t> {
        let Self { tier, serves, door, person, login, .. } = self;
        Owner { town, tier: *tier, serves, door, person: *person, login: *login }
    }

    /// For whoever reads why a test failed.
    pub fn hint(&self) -> impl Debug {
        let door = match &self.door {
            Door::District(sharing) => format!("{sharing:?}"),
            Door::Teachers(links) => format!("by teachers {links:?}"),
            Door::Paused => "paused".into(),
        };
        (self.tier, self.serves.clone(), self.person, self.login, door)
    }
}

impl Stage {
    pub async fn furnish(world: World) -> Self {
        world.change_flightschool(|it| it.tier = AccessTier::SecureSync).await;
        let sso = register(&world, "d15717c7550d15717c75", AccessTier::DistrictSso).await;
        let classroom = register(&world, "c1a55c1a55c1a55c1a55", AccessTier::Classroom).await;
        let since = world.app.now();
        Self { world, since, sso, classroom }
    }

    /// When districts connected the applications.
    pub fn since(&self) -> String {
        self.since.to_string()
    }

    /// A reply, in the next minute if this one's requests are used up.
    pub async fn ask(&self, path: &str, token: &str) -> Reply {
        let reply = self.world.get_with_token(path, token).await;
        if reply.status != StatusCode::TOO_MANY_REQUESTS {
            return reply;
        }
        self.world.clock.advance(Duration::from_mins(1));
        self.world.get_with_token(path, token).await
    }

    /// The token with which FlightSchool reads a town that is shared like this.
    pub async fn district_token(&self, town: &Town, sharing: Sharing) -> String {
        self.connect(town, self.world.flightschool, ConnectionState::Active, sharing).await;
        let path = format!("/oauth/tokens?owner_type=district&district={}", town.id);
        let request = Request::get(path)
            .header("authorization", basic(CLIENT, SECRET))
            .body(axum::body::Body::empty())
            .unwrap();
        let reply = self.world.ask(request).await;
        reply.json()["data"][0]["access_token"].as_str().unwrap().to_owned()
    }

    async fn connect(
        &self,
        town: &Town,
        application: ApplicationId,
        state: ConnectionState,
        sharing: Sharing,
    ) {
        let (district, since) = (town.id, self.since);
        let said = Connection { application, district, state, sharing, since };
        self.world.store.write(move |tx| tx.connect(&said)).await.unwrap();
        self.world.app.refresh_settings().await.unwrap();
    }

    /// Some person's token of some application that the town has let in some way.
    pub async fn visit(&self, town: &Town, dice: &mut Dice) -> Visit {
        let (application, tier) = match dice.below(4) {
            0 => (self.sso, AccessTier::DistrictSso),
            1 => (self.world.flightschool, AccessTier::SecureSync),
            _ => (self.classroom, AccessTier::Classroom),
        };
        let mut serves = RoleKind::ALL.to_vec();
        if dice.below(4) == 0 {
            serves.retain(|kind| *kind == RoleKind::Teacher || dice.below(4) > 0);
        }
        let kinds = serves.clone();
        self.change(application, move |it| it.user_types.clone_from(&kinds)).await;
        let door = self.open(town, application, tier, dice).await;
        let person = below(dice, town.people.len());
        let user = &town.people[person].user;
        let login = user.roles[below(dice, user.roles.len())].id;
        let grant = Grant {
            // Who is suspended has lost what they had; a token of now is none of it.
            generation: Generation::after(i64::from(town.people[person].suspended)),
            application,
            district: town.id,
            user: user.id,
            role: login,
            impersonator: None,
        };
        let (secret, token) = token::mint(grant, self.world.app.now(), dice);
        self.world.store.write(move |tx| tx.record_token(&token)).await.unwrap();
        let token = Secret::expose(&secret).to_owned();
        Visit { token, tier, serves, door, person, login }
    }

    async fn open(
        &self,
        town: &Town,
        application: ApplicationId,
        tier: AccessTier,
        dice: &mut Dice,
    ) -> Door {
        let sharing = rules::roll(town, dice);
        if dice.below(16) == 0 {
            self.connect(town, application, ConnectionState::Paused, sharing).await;
            return Door::Paused;
        }
        if tier != AccessTier::Classroom || dice.below(2) == 0 {
            self.connect(town, application, ConnectionState::Active, sharing.clone()).await;
            return Door::District(sharing);
        }
        self.connect(town, application, ConnectionState::Disconnected, sharing).await;
        let mut links: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for (number, person) in town.people.iter().enumerate() {
            if person.user.role(RoleKind::Teacher).is_some() && dice.below(3) > 0 {
                // Of sections that are not hers too: nothing comes of those.
                let some = (0..town.rooms.len()).filter(|_| dice.below(2) == 0).collect();
                links.insert(number, some);
            }
        }
        self.link(town, application, &links).await;
        Door::Teachers(links)
    }

    /// These links, and none that were there.
    async fn link(
        &self,
        town: &Town,
        application: ApplicationId,
        links: &BTreeMap<usize, BTreeSet<usize>>,
    ) {
        let (district, since) = (town.id, self.since);
        let made: Vec<_> = links
            .iter()
            .map(|(teacher, sections)| TeacherLink {
                application,
                district,
                teacher: town.people[*teacher].user.id,
                sections: sections.iter().map(|it| town.rooms[*it].section.id).collect(),
                since,
            })
            .collect();
        let people: Vec<_> = town.people.iter().map(|it| it.user.id).collect();
        let work = move |tx: &mut Tx<'_>| {
            for person in &people {
                tx.district(district).unlink(application, *person)?;
            }
            made.iter().try_for_each(|link| tx.district(district).link(link))?;
            Ok::<_, StoreError>(())
        };
        self.world.store.write(work).await.unwrap();
    }

    async fn change(&self, id: ApplicationId, change: impl Fn(&mut Application) + Send + 'static) {
        let mut application = self.world.app.settings().application(id).unwrap().clone();
        change(&mut application);
        let work = move |tx: &mut Tx<'_>| tx.change_application(&application);
        assert!(self.world.store.write(work).await.unwrap());
        self.world.app.refresh_settings().await.unwrap();
    }
}

/// Another application like FlightSchool.
async fn register(world: &World, client_id: &str, tier: AccessTier) -> ApplicationId {
    let mut made = world.app.settings().application(world.flightschool).unwrap().clone();
    let now = world.clock.now();
    made.id = ApplicationId::new(now, &mut Entropy);
    made.client_id = client_id.parse().unwrap();
    made.secrets = vec![ClientSecret { hash: Secret::from_text(SECRET).hash(), until: None }];
    made.tier = tier;
    let id = made.id;
    world.store.write(move |tx| tx.create_application(&made, now)).await.unwrap();
    world.app.refresh_settings().await.unwrap();
    id
}

/// A question that a token of a person may well answer.
pub fn about_oneself(owner: &Owner<'_>, foreign: &Town, dice: &mut Dice) -> Question {
    let town = owner.town;
    let own: Vec<_> = asking::endpoints()
        .into_iter()
        .filter(|(_, path)| {
            let parts: Vec<_> = path.split('/').collect();
            matches!(
                parts[1..],
                ["me"]
                    | [
                        "districts"
                            | "sections"
                            | "users"
                            | "students"
                            | "teachers"
                            | "school_admins"
                            | "district_admins",
                        _
                    ]
                    | ["users" | "students" | "teachers", _, "sections"]
                    | ["sections", _, "users" | "students"]
            )
        })
        .collect();
    let all = asking::endpoints();
    let from = if dice.below(4) == 0 { &all } else { &own };
    let mut question = asking::roll(from[below(dice, from.len())], town, foreign, dice);
    let person = &town.people[owner.person];
    if question.is_of_one() && dice.below(2) == 0 {
        let role = person.user.role_by_id(owner.login).unwrap();
        question.id = match question.collection() {
            "users" => person.user.id.to_string(),
            "sections" => {
                let rooms: Vec<_> = town.rooms_of(role.id).collect();
                let Some(room) = rooms.get(below(dice, rooms.len().max(1))) else {
                    return question;
                };
                room.section.id.to_string()
            }
            "districts" => town.id.to_string(),
            _ => role.id.to_string(),
        };
    }
    question
}

fn below(dice: &mut Dice, bound: usize) -> usize {
    usize::try_from(dice.below(bound as u64)).unwrap()
}
