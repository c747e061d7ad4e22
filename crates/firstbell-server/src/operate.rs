//! What operators and browsers ask for beside the pages: health, figures, files, and what is not
//! there.

pub mod assets;
pub mod fallback;
pub mod figures;
pub mod health;
