//! The project's automation: `cargo xtask <what>`.
//!
//! Everything that a newcomer, a reviewer or continuous integration runs starts here, so that all
//! three run the same thing. The sample and the server are used as programs, never as libraries.

mod abuse;
mod bench;
mod broker;
mod browser;
mod fuzz;
mod layers;
mod machine;
mod npm;
mod peers;
mod process;
mod report;
mod test;
mod workspace;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask <what>

  test        every proof there is, in order, with a table at the end
  layers      who may depend on whom, and what the sources must not say
  fmt         rewrite the sources in the one format
  lint        clippy on everything, warnings are errors
  abuse       requests that must be refused, and that nothing changed
  browser     the demo in headless Chromium: keyboard, no scripts, axe, widths, Spanish
  peers       clients of other authors log in through our pages, unmodified
  fuzz        parsers of foreign bytes under libFuzzer: [--minutes 10] [target ...]
  bench WHAT  login | kill | nodes | memory | start | import | passwords, then options (--help)

  --no-install   (test, browser, peers, fuzz) do not install what the machine lacks
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let may_install = !words.contains(&"--no-install");
    let outcome = match words.first().copied() {
        Some("test") => test::everything(may_install),
        Some("layers") => report::alone(layers::proof()),
        Some("fmt") => test::format(),
        Some("lint") => test::lint(),
        Some("abuse") => report::alone(abuse::proof()),
        Some("browser") => test::built().and_then(|()| report::alone(browser::proof(may_install))),
        Some("peers") if words.get(1) == Some(&peers::INSIDE) => peers::inside(&words[2..]),
        Some("peers") => test::built().and_then(|()| report::alone(peers::proof(may_install))),
        Some("fuzz") => report::alone(fuzz::proof(&words[1..], may_install)),
        Some("bench") => bench::run(&words[1..]),
        Some("help" | "--help" | "-h") => {
            print!("{HELP}");
            Ok(true)
        }
        _ => {
            eprint!("{HELP}");
            Ok(false)
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
