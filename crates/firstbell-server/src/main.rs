//! The program `firstbell`. What it can do is in [`firstbell_server::cli`].

use std::process::ExitCode;

/// The system's allocator returns memory late and locks a lot under many small allocations.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    firstbell_server::cli::run()
}
