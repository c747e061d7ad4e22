//! The pages that people see: one struct a page, plain data in, a whole HTML document out. They
//! are rendered here, without scripts and without anything from elsewhere; templates are in
//! `templates/`, words in `locales/`.

mod classroom;
mod confirm;
mod error_page;
mod frame;
mod home;
mod login;
mod open_as;
mod portal;
mod samples;

pub use classroom::{
    ClassroomApplication, ClassroomApplications, ClassroomConsent, ClassroomProblem, SectionChoice,
};
pub use confirm::Confirm;
pub use error_page::ErrorPage;
pub use frame::{Frame, ImpersonationBanner};
pub use home::Home;
pub use login::{Busy, Finder, FoundDistrict, Search, SignIn, SignInProblem, SignedOut};
pub use open_as::{ChosenPerson, FoundPerson, OpenAs, OpenAsProblem, OpenAsStage};
pub use portal::{Portal, PortalPerson, RoleChoice, RoleLabel, Tile, TileNote};
pub use samples::samples;

/// Why a page could not be made.
#[derive(Debug, thiserror::Error)]
#[error("a page could not be rendered")]
pub struct PageError(#[from] askama::Error);

#[cfg(test)]
mod tests;
